# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # One step: its condition, its history, and the beginnings of what it was given and what it has given.
    class StepDetails
      # Characters of a column that stand in the page.
      SHOWN = 20_000
      EVENTS = 200

      Event = Data.define(:at, :from_state, :to_state, :metadata)

      # @return [Steps::Row]
      attr_reader :step

      # @param task_id [Integer]
      # @param id [Integer]
      # @raise [ActiveRecord::RecordNotFound]
      def initialize(task_id, id)
        @step = Steps.one(id, task_id)
        raise ActiveRecord::RecordNotFound, "Couldn't find Tasker::WorkflowStep with 'workflow_step_id'=#{id}" unless @step
      end

      # @return [Hash{String => Object}] the beginnings of texts, and their lengths
      def columns
        @columns ||= Rows.read("Step", <<~SQL, id: @step.id, most: SHOWN).first
          SELECT s.retryable, s.skippable, s.last_attempted_at, s.processed_at, s.backoff_request_seconds, n.name AS task_name,
                 d.name AS dependent_system,
                 left(s.inputs::text, :most) AS inputs, length(s.inputs::text) AS inputs_length,
                 left(s.results::text, :most) AS results, length(s.results::text) AS results_length,
                 left(s.results ->> 'error', :most) AS error, left(s.results ->> 'error_class', 300) AS error_class,
                 left(s.results ->> 'backtrace', :most) AS backtrace
          FROM tasker_workflow_steps s
          JOIN tasker_tasks t ON t.task_id = s.task_id
          JOIN tasker_named_tasks n ON n.named_task_id = t.named_task_id
          JOIN tasker_named_steps m ON m.named_step_id = s.named_step_id
          JOIN tasker_dependent_systems d ON d.dependent_system_id = m.dependent_system_id
          WHERE s.workflow_step_id = :id
        SQL
      end

      # @return [Hash{Symbol => Array<Array(Integer, String)>}] ids and names of the steps before and after it
      def neighbours
        @neighbours ||= Rows.read("Neighbours", <<~SQL, id: @step.id).group_by { |row| row["side"].to_sym }
          SELECT e.side, s.workflow_step_id AS id, s.task_id, n.name FROM (
            SELECT 'parents' AS side, from_step_id AS id FROM tasker_workflow_step_edges WHERE to_step_id = :id
            UNION SELECT 'children', to_step_id FROM tasker_workflow_step_edges WHERE from_step_id = :id
          ) e
          JOIN tasker_workflow_steps s ON s.workflow_step_id = e.id
          JOIN tasker_named_steps n ON n.named_step_id = s.named_step_id
          ORDER BY s.workflow_step_id LIMIT 200
        SQL
      end

      # @return [Array<Event>] oldest first
      def events
        @events ||= Rows.read("Step Events", <<~SQL, id: @step.id, most: EVENTS).map { |row| Event.new(**row.symbolize_keys) }.reverse
          SELECT created_at AS at, from_state, to_state, left(metadata::text, 500) AS metadata
          FROM tasker_workflow_step_transitions WHERE workflow_step_id = :id ORDER BY sort_key DESC LIMIT :most
        SQL
      end
    end
  end
end
