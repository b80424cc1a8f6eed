# frozen_string_literal: true

require "rails/generators"
require "rails/generators/active_record/migration"

module TaskerCore
  module Generators
    # Writes a migration that installs the triggers which notify of transitions (docs/events.md).
    class NotificationsGenerator < Rails::Generators::Base
      include ActiveRecord::Generators::Migration

      desc "Writes a reversible migration that has PostgreSQL notify the channel tasker_core_transitions of each commit that records " \
           "transitions, for the event bridge of Rust processes and for other clients that LISTEN."
      source_root File.expand_path("templates", __dir__)
      class_option :database, type: :string, aliases: %i[--db], desc: "The database of the engine's tables, where there are several"

      def write_migration
        migration_template "migration.rb.tt", File.join(db_migrate_path, "notify_of_tasker_transitions.rb")
        return unless ActiveRecord.schema_format == :ruby

        say "db/schema.rb has no triggers: set config.active_record.schema_format = :sql, or run the migration again wherever the schema " \
            "is loaded."
      end
    end
  end
end
