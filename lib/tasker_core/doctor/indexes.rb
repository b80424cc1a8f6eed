# frozen_string_literal: true

require_relative "../duplicate_indexes"
require_relative "finding"
require_relative "tables"

module TaskerCore
  module Doctor
    # Whether indexes are missing on which the core relies, and whether there are some more than once.
    class Indexes
      # An index as the catalogue has it. `condition` is that of a partial index, `keys` are its columns as text.
      Index = Data.define(:table, :condition, :unique, :keys) do
        def on?(table, columns) = self.table == table && keys.split(",").first(columns.size) == columns
        def keeps_unique?(table, columns) = unique && on?(table, columns) && keys.split(",").size == columns.size
      end
      private_constant :Index

      CURRENT = ["(most_recent = true)", "most_recent"].freeze

      # They keep histories linear and identities unique: one current state, no place taken twice. Writes rely on their refusal.
      UNIQUE = [
        ["tasker_task_transitions", %w[task_id most_recent], CURRENT],
        ["tasker_task_transitions", %w[task_id sort_key], [nil]],
        ["tasker_workflow_step_transitions", %w[workflow_step_id most_recent], CURRENT],
        ["tasker_workflow_step_transitions", %w[workflow_step_id sort_key], [nil]],
        ["tasker_tasks", %w[identity_hash], [nil]]
      ].freeze

      # Without one that begins with this column, each question about a task reads the whole table.
      LOOKUPS = [%w[tasker_workflow_steps task_id], %w[tasker_workflow_step_edges from_step_id],
                 %w[tasker_workflow_step_edges to_step_id]].freeze

      # An index that could not be built to its end answers nothing.
      CATALOGUE = <<~SQL
        SELECT owner.relname, pg_get_expr(i.indpred, i.indrelid), i.indisunique,
               (SELECT string_agg(pg_get_indexdef(i.indexrelid, key, false), ',' ORDER BY key)
                FROM generate_series(1, i.indnkeyatts::integer) key)
        FROM pg_index i
        JOIN pg_class owner ON owner.oid = i.indrelid
        WHERE owner.relname LIKE 'tasker\\_%' AND pg_table_is_visible(owner.oid) AND i.indisvalid
      SQL

      # @param connection [ActiveRecord::ConnectionAdapters::PostgreSQLAdapter, nil] the engine's, unless given
      def initialize(connection: nil)
        @connection = connection
      end

      def title = "indexes"

      def findings
        indexes = read
        found = missing_unique(indexes) + missing_lookups(indexes)
        found << Finding.ok("#{indexes.size}, with all that the core relies on") if found.empty?
        found + copies
      end

      private

      def read
        connection.select_rows(CATALOGUE, "tasker-core").map { |row| Index.new(*row) }
      end

      def missing_unique(indexes)
        missing = UNIQUE.reject do |table, columns, conditions|
          indexes.any? { |index| index.keeps_unique?(table, columns) && conditions.include?(index.condition) }
        end
        missing.map do |table, columns, (condition, _)|
          sql = "CREATE UNIQUE INDEX CONCURRENTLY ON #{table} (#{columns.join(", ")})#{" WHERE #{condition}" if condition};"
          Finding.fail("no unique index on #{table} (#{columns.join(", ")}): two sessions can write the same twice", sql)
        end
      end

      def missing_lookups(indexes)
        missing = LOOKUPS.reject { |table, column| indexes.any? { |index| index.on?(table, [column]) && !index.condition } }
        missing.map do |table, column|
          Finding.warn("no index on #{table} (#{column}): questions about a task read the whole table",
                       "CREATE INDEX CONCURRENTLY ON #{table} (#{column});")
        end
      end

      # The engine's own migrations make some indexes several times.
      def copies
        copies = DuplicateIndexes.new(connection).to_a
        return [] if copies.empty?

        [Finding.warn("#{copies.size} do what others do: each write keeps them up, each plan weighs them",
                      "Run `rails generate tasker_core:indexes`, look at the migration that it writes, and run `rails db:migrate`.")]
      end

      def connection = @connection ||= Tasker::ApplicationRecord.lease_connection
    end
  end
end
