# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # Reads rows that the engine's models have no scopes for, over the connection of the engine's tables.
    module Rows
      # The most recent state of each candidate `c`, looked up one by one: a join would read the states of all tasks that there are.
      STATE_OF_TASK = <<~SQL
        CROSS JOIN LATERAL (
          SELECT coalesce(max(t.to_state), 'pending') AS state, max(t.created_at) AS changed_at
          FROM tasker_task_transitions t WHERE t.task_id = c.task_id AND t.most_recent OFFSET 0
        ) current
      SQL
      # For each candidate `c` whose most recent state is `:state`: a candidate in another one costs no aggregate.
      IN_STATE = <<~SQL
        CROSS JOIN LATERAL (
          SELECT t.to_state AS state, t.created_at AS changed_at
          FROM tasker_task_transitions t WHERE t.task_id = c.task_id AND t.most_recent AND t.to_state = :state OFFSET 0
        ) current
      SQL

      module_function

      # @param name [String] of the statement, for log subscribers
      # @param sql [String] with named binds
      # @return [Array<Hash{String => Object}>]
      def read(name, sql, **binds)
        Tasker::ApplicationRecord.with_connection do |connection|
          connection.select_all(Tasker::ApplicationRecord.sanitize_sql_array([sql, binds]), "TaskerCore::Dashboard #{name}").to_a
        end
      end
    end
  end
end
