# frozen_string_literal: true

module TaskerCore
  module Repairs
    # Two runs of one task want the same step, and one of them gets it. The engine treats the other one's refusal as a failure of the
    # step: it writes `error` over the winner's `in_progress`, counts an attempt, and the winner's results are lost.
    #
    # The loser leaves the step alone. A step that is still pending was refused for other reasons, and is the engine's to fail.
    module RaceLoser
      LOST = :tasker_core_lost_claim
      private_constant :LOST

      class << self
        # @return [Object] what the block returns; nil if it has {give_up}
        def may_lose(&)
          catch(LOST, &)
        end

        # Ends the block of {may_lose} if somebody else has the step.
        def give_up(step)
          state = Run.suspended { step.state_machine.current_state }
          return if state == Tasker::Constants::WorkflowStepStatuses::PENDING

          Repairs.note(:race_loser, "step #{step.workflow_step_id} is #{state} by somebody else and is left alone")
          throw LOST
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        def execute_single_step(task, sequence, step, task_handler)
          RaceLoser.may_lose { Repairs.engine(Executor, :execute_single_step, self, task, sequence, step, task_handler) }
        end

        def transition_step_to_in_progress!(step)
          Repairs.engine(Executor, :transition_step_to_in_progress!, self, step)
        rescue StandardError
          RaceLoser.give_up(step) if Repairs.on?(:race_loser)
          raise
        end
      end
    end
  end
end
