# frozen_string_literal: true

require_relative "../../local"

module TaskerCore
  module Repairs
    module Retries
      # The rounds of a workflow's loop, which must get somewhere.
      #
      # A round in which a step was run leaves a trace on that step's row: an attempt more, a later `updated_at`. If the next round begins
      # with the very rows that the last one began with, nothing was run, and going round again would not help.
      class Rounds
        CURRENT = Local.new(:tasker_core_rounds)
        private_constant :CURRENT

        class << self
          # @return [Rounds, nil] of the loop that runs here
          def current
            CURRENT.value
          end

          # @param rounds [Rounds, nil]
          def of(rounds, &)
            CURRENT.with(rounds, &)
          end
        end

        # @return [Boolean] whether the loop was ended because it got nowhere
        def stuck?
          @stuck ? true : false
        end

        # @param steps [Enumerable<Tasker::WorkflowStep>] those that a round would run
        # @return [Boolean] whether they are others than those of the round before
        def progress?(task, steps)
          return true unless steps.all?(Tasker::WorkflowStep) # what stands in the place of steps has no rows

          rows = steps.map { |step| [step.workflow_step_id, step.attempts, step.updated_at] }.sort_by(&:first)
          @stuck = rows.any? && rows == @rows
          @rows = rows
          Repairs.note(:retries, "task #{task.task_id} gets nowhere with steps #{rows.map(&:first).join(", ")}; its loop ends") if @stuck
          !@stuck
        end
      end
    end
  end
end
