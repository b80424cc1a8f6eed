# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/schema_document"

RSpec.describe SchemaDocument do
  it "says in docs/schema.md what the crate, the engine's models and its database say" do
    expect(described_class.renewed).to eq(described_class.text), "docs/schema.md is out of date: run `rake docs:schema`"
  end

  it "shows each column once, with the same name, type and nullability on all sides" do
    tables = described_class.crate
    expect(tables.map { |table| table["table"] }).to match_array(Tasker::ApplicationRecord.connection.data_sources.grep(/\Atasker_/))
    tables.each do |table|
      model = Tasker.const_get(table["model"])
      expect(model.primary_key).to eq(table["key"])
      view = Tasker::ApplicationRecord.connection.views.include?(table["table"])
      columns = Tasker::ApplicationRecord.connection.columns(table["table"])
      expect(table["columns"].map { |column| column.values_at("name", "sql_type") }).to eq(columns.map { |column| [column.name, column.sql_type] })
      expect(table["columns"].pluck("nullable")).to eq(columns.map(&:null)) unless view
    end
  end
end
