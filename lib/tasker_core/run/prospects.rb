# frozen_string_literal: true

module TaskerCore
  class Run
    # The steps of a wave, which the engine hands to its workers slice by slice. Each slice is looked at once, just before.
    class Prospects
      # @param run [Run]
      # @param task_id [Integer]
      # @param steps [Enumerable<Tasker::WorkflowStep>]
      def initialize(run, task_id, steps)
        @run = run
        @task_id = task_id
        @steps = steps
      end

      def each_slice(size)
        @steps.each_slice(size) do |slice|
          survey = @run.look_at(@task_id, slice.map(&:workflow_step_id))
          slice.each { |step| @run.expect(step.workflow_step_id, survey) }
          yield slice
        end
      end
    end
  end
end
