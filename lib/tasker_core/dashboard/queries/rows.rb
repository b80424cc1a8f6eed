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

      # Infinite instants are texts in results of ActiveRecord, and floats in its models. Pages show and order them as years that an address
      # can hold in microseconds.
      INFINITIES = { "infinity" => Time.utc(5000), "-infinity" => Time.utc(1970),
                     Float::INFINITY => Time.utc(5000), -Float::INFINITY => Time.utc(1970) }.freeze
      INSTANT = /(\A|_)(at|since)\z/
      private_constant :INFINITIES, :INSTANT

      module_function

      # @param name [String] of the statement, for log subscribers
      # @param sql [String] with named binds
      # @return [Array<Hash{String => Object}>]
      def read(name, sql, **binds)
        Tasker::ApplicationRecord.with_connection do |connection|
          rows = connection.select_all(Tasker::ApplicationRecord.sanitize_sql_array([sql, binds]), "TaskerCore::Dashboard #{name}")
          rows.map { |row| row.to_h { |column, value| [column, column.match?(INSTANT) ? finite(value) : value] } }
        end
      end

      # @param instant [Object] of a result or of a model
      # @return [Object] a time in the place of an infinity, otherwise the same
      def finite(instant) = INFINITIES.fetch(instant, instant)
    end
  end
end
