# frozen_string_literal: true

module TaskerCore
  module Claims
    # For `Tasker::Orchestration::StepExecutor`: an attempt at a step.
    module StepExecutor
      # A run whose task belongs to another worker ends here; its steps would be found and refused again and again.
      def execute_steps(task, sequence, viable_steps, task_handler)
        MethodPatcher.call_original(StepExecutor, :execute_steps, self, task, sequence, viable_steps, task_handler).tap do
          claim = Claims.of(task)
          throw claim if claim&.lost?
        end
      end

      def execute_single_step(task, sequence, step, task_handler)
        Claims.hold(step, task) do |claim|
          catch(claim) { MethodPatcher.call_original(StepExecutor, :execute_single_step, self, task, sequence, step, task_handler) }
        end
      end

      # A worker whose task belongs to another worker leaves the step to that one, where the engine would fail it.
      def transition_step_to_in_progress!(step)
        MethodPatcher.call_original(StepExecutor, :transition_step_to_in_progress!, self, step)
      rescue StandardError => e
        claim = Claims.of(step)
        claim&.task&.step_error = e
        raise unless claim&.task&.lost?

        Rails.logger.warn("tasker-core: step #{claim.id} is left to the worker that has claimed task #{claim.task.id} since")
        throw claim
      end
    end
  end
end
