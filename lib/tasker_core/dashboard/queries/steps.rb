# frozen_string_literal: true

require_relative "step_condition"

module TaskerCore
  class Dashboard
    # Steps with their conditions, in a number of statements that does not depend on how many there are.
    class Steps
      # Characters of an error in a list.
      ERROR = 300
      OPEN = %w[pending error].freeze
      private_constant :OPEN

      Row = Data.define(:id, :task_id, :name, :state, :changed_at, :attempts, :retry_limit, :error, :condition) do
        delegate :kind, :reason, to: :condition
      end

      class << self
        # @param task_id [Integer]
        # @param after [Integer] only steps with greater ids
        # @param limit [Integer]
        # @return [Array<Row>] by id
        def of_task(task_id, limit:, after: 0)
          rows = read("AND s.workflow_step_id > :after ORDER BY s.workflow_step_id LIMIT :limit", tasks: [task_id], after:, limit:)
          with_conditions(rows) { |_tasks, steps| Tasker::Functions::FunctionBasedStepReadinessStatus.for_task(task_id, steps) }
        end

        # @param id [Integer]
        # @param task_id [Integer]
        # @return [Row, nil]
        def one(id, task_id) = of_task(task_id, after: id - 1, limit: 1).find { |row| row.id == id }

        # @param task_ids [Array<Integer>]
        # @return [Array<Row>] those that are not done, by id
        def open_of_tasks(task_ids)
          return [] if task_ids.empty?

          rows = read("AND current.state NOT IN ('complete', 'resolved_manually', 'cancelled') ORDER BY s.workflow_step_id",
                      tasks: task_ids)
          with_conditions(rows) { |tasks, _steps| Tasker::Functions::FunctionBasedStepReadinessStatus.for_tasks(tasks) }
        end

        private

        def read(condition, **binds)
          Rows.read("Steps", <<~SQL, error: ERROR, **binds)
            SELECT s.workflow_step_id, s.task_id, n.name, current.state, current.changed_at, s.attempts, s.retry_limit, s.retryable,
                   s.processed, s.in_process, CASE WHEN current.state = 'error' THEN left(s.results ->> 'error', :error) END AS error
            FROM tasker_workflow_steps s
            JOIN tasker_named_steps n ON n.named_step_id = s.named_step_id
            CROSS JOIN LATERAL (
              SELECT coalesce(max(t.to_state), 'pending') AS state, max(t.created_at) AS changed_at
              FROM tasker_workflow_step_transitions t WHERE t.workflow_step_id = s.workflow_step_id AND t.most_recent OFFSET 0
            ) current
            WHERE s.task_id IN (:tasks) #{condition}
          SQL
        end

        # @yield reads the readiness of these tasks or of these steps
        def with_conditions(rows, &)
          return [] if rows.empty?

          readiness, errors = readiness_of(rows, &)
          cancelled = with_cancelled_parent(rows.pluck("workflow_step_id") & waiting(readiness))
          rows.map { |row| row_of(row, readiness[row["workflow_step_id"]], cancelled, errors[row["task_id"]]) }
        end

        # The engine's function fails for all tasks of a call if it fails for one. Each is then read alone, so that the others have
        # their conditions.
        # @return [Array(Hash, Hash)] readiness by step, and errors by task
        def readiness_of(rows, &read)
          [yield(rows.pluck("task_id").uniq, rows.pluck("workflow_step_id")).index_by(&:workflow_step_id), {}]
        rescue ActiveRecord::StatementInvalid => e
          tasks = rows.group_by { |row| row["task_id"] }
          return [{}, { tasks.keys.first => e }] if tasks.one?

          tasks.each_value.map { |of_one| readiness_of(of_one, &read) }.transpose.map { |parts| parts.reduce({}, :merge) }
        end

        def waiting(readiness)
          readiness.filter_map { |id, row| id unless row.dependencies_satisfied || !OPEN.include?(row.current_state) }
        end

        def with_cancelled_parent(ids)
          return Set.new if ids.empty?

          Rows.read("Cancelled Parents", <<~SQL, ids:).to_set { |row| row["to_step_id"] }
            SELECT DISTINCT e.to_step_id FROM tasker_workflow_step_edges e
            JOIN tasker_workflow_step_transitions t ON t.workflow_step_id = e.from_step_id AND t.most_recent AND t.to_state = 'cancelled'
            WHERE e.to_step_id IN (:ids)
          SQL
        end

        def row_of(row, readiness, cancelled, error)
          condition = StepCondition.of(row, readiness, cancelled_parent: cancelled.include?(row["workflow_step_id"]), error:)
          Row.new(id: row["workflow_step_id"], condition:, **row.symbolize_keys.slice(*Row.members - %i[id condition]))
        end
      end
    end
  end
end
