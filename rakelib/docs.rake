# frozen_string_literal: true

namespace :docs do
  desc "Write the tables in docs/schema.md"
  task :schema do
    with_database("tasker_core_engine") do |environment|
      program = 'require "./spec/support/schema_document"; SchemaDocument.write'
      sh(environment, "spec/dummy/bin/rails", "runner", program)
    end
  end
end
