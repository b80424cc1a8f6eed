# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # The rows that came with the claims of some steps: these steps, their parents and the task, as they were when the steps were claimed.
    #
    # It answers what a {Run::Survey} answers about steps that are about to be run.
    class ClaimedRows
      # @return [Integer]
      attr_reader :task_id

      # @return [Hash{Integer => String}] the states of the steps: of those that are claimed, the ones before
      attr_reader :states

      # @param task_id [Integer]
      # @param rows [Run::Rows] of the task, to which these are added
      # @param executions [Array<Native::StepExecution>]
      def initialize(task_id, rows, executions)
        @task_id = task_id
        @rows = rows
        @states = {}
        @parents = {}
        executions.each { |execution| take(execution) }
      end

      # @return [Tasker::Task] a new object
      def task
        @rows.task
      end

      # @return [String]
      def state
        Tasker::Constants::TaskStatuses::IN_PROGRESS
      end

      # The rows of all other steps were read, too.
      def current
        @current = true
      end

      # Never asked for: a round reads everything where more is to be known than these rows.
      def whole? = false

      # @return [Array<Tasker::WorkflowStep>, nil] new objects; nil if one of them is not here
      def steps(ids)
        ids.map { |id| Tasker::WorkflowStep.instantiate(@rows.step_attributes(id)) } if ids.all? { |id| @states.key?(id) }
      end

      # @return [Array<Integer>] the steps that a step waits for, in the order of their edges
      def parents(step_id)
        @parents.fetch(step_id, [])
      end

      # @param ids [Array<Integer>] of the task's steps
      # @return [Array<Hash, nil>] their attributes; nil for those that are not here
      def rows_among(ids)
        ids.map { |id| @rows.step_attributes(id) if @current || near?(id) }
      end

      # @return [Boolean] whether a handler that asks for this step asks for no more than its own and the parents of it
      def near?(id)
        @states.key?(id)
      end

      # @param kind [String] `"task"` or `"step"`
      # @return [String, nil]
      def state_of(kind, id)
        kind == "step" ? @states[id] : (state if id == @task_id)
      end

      private

      def take(execution)
        @rows.take_task(*execution.task_row) if execution.task_row
        @rows.take_step(execution.step_id, *execution.row)
        execution.parents.each do |id, state, version, row|
          @rows.take_step(id, version, row)
          @states[id] ||= state
        end
        @parents[execution.step_id] = execution.parents.map(&:first)
        @states[execution.step_id] = execution.was
      end
    end
  end
end
