# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  # Row triggers of the application on the engine's tables.
  #
  # They see rows one after the other, in the order in which the engine writes them. A statement of the core that writes several rows shows
  # them another order, so what would write to a table with such a trigger is left to the engine's own code.
  module RowTriggers
    # What the end of an attempt writes, the end of a task, and the creation of the steps of a task.
    OF_STEP = %w[tasker_workflow_steps tasker_workflow_step_transitions].freeze
    OF_TASK = %w[tasker_tasks tasker_task_transitions].freeze
    OF_CREATION = %w[tasker_tasks tasker_workflow_steps tasker_workflow_step_edges].freeze

    TABLES = [*OF_STEP, *OF_TASK, "tasker_workflow_step_edges"].freeze
    QUERY = <<~SQL.squish
      SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT t.tgisinternal AND t.tgtype & 1 = 1 AND t.tgenabled <> 'D'
        AND c.oid IN (#{TABLES.map { |table| "to_regclass('#{table}')" }.join(", ")})
    SQL
    private_constant :TABLES, :QUERY

    @tables = Concurrent::Map.new

    class << self
      # @param tables [Array<String>]
      # @return [Boolean] whether one of them has a row trigger; looked up once for each connection pool of a process
      def on?(tables)
        tables.intersect?(known)
      end

      # Looks them up again: to be called where a process creates or drops triggers while it runs workflows.
      # @return [void]
      def refresh
        @tables.clear
      end

      private

      def known
        pool = Tasker::ApplicationRecord.connection_pool
        @tables.compute_if_absent(pool.object_id) { Tasker::ApplicationRecord.with_connection { _1.select_values(QUERY, "SCHEMA") } }
      end
    end
  end
end
