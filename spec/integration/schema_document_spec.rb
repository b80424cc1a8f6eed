# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/schema_document"

RSpec.describe SchemaDocument do
  it "says in docs/schema.md what the crate, the engine's models and its database say" do
    expect(described_class.renewed).to eq(described_class.text), "docs/schema.md is out of date: run `rake docs:schema`"
  end

  it "shows each column once, with the same name, type and nullability on all sides" do
    tables = described_class.crate
    connection = Tasker::ApplicationRecord.connection
    expect(tables.pluck("table")).to match_array(connection.data_sources.grep(/\Atasker_/))
    tables.each do |table|
      columns = connection.columns(table["table"])
      expect(Tasker.const_get(table["model"]).primary_key).to eq(table["key"])
      expect(table["columns"].pluck("name", "sql_type")).to eq(columns.map { |column| [column.name, column.sql_type] })
      # To PostgreSQL every column of a view may be null.
      expect(table["columns"].pluck("nullable")).to eq(columns.map(&:null)) unless connection.view_exists?(table["table"])
    end
  end
end
