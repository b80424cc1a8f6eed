# frozen_string_literal: true

require "rails/generators"
require "rails/generators/active_record/migration"
require "tasker_core/duplicate_indexes"

module TaskerCore
  module Generators
    # Writes a migration that drops the indexes which the database of the engine has twice.
    class IndexesGenerator < Rails::Generators::Base
      include ActiveRecord::Generators::Migration

      desc "Writes a reversible migration that drops exact duplicates among the indexes of the engine's tables, as they are in the " \
           "database that this environment uses."
      source_root File.expand_path("templates", __dir__)
      class_option :database, type: :string, aliases: %i[--db], desc: "The database of the engine's tables, where there are several"

      # Looks into the database and writes the migration, if there is anything to drop.
      def write_migration
        @duplicates = Tasker::ApplicationRecord.with_connection { |connection| TaskerCore::DuplicateIndexes.new(connection).to_a }
        if @duplicates.empty?
          say "No index of the engine's tables is there twice: nothing to do."
        else
          migration_template "migration.rb.tt", File.join(db_migrate_path, "drop_duplicate_tasker_indexes.rb")
        end
      end
    end
  end
end
