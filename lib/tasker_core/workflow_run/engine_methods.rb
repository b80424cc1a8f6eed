# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # What is put in the place of the engine's methods.
    module EngineMethods
      # For `Tasker::TaskHandler::InstanceMethods`.
      module TaskHandler
        def handle(task)
          engine = lambda do
            reasons = Eligibility.reasons(task, self)
            Compatibility.without_core_loop(reasons) { MethodPatcher.call_original(TaskHandler, :handle, self, task) }
          end
          return engine.call unless Eligibility.of_task?(task) && Eligibility.of_handler?(self)

          Run.of(task.task_id) do
            Run.current.definitions.meet(task)
            runner = Runner.new(self, task, Run.current) if Eligibility.here?(self)
            runner&.start ? runner.finish : engine.call
          end
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module StepExecutor
        def execute_single_step(task, sequence, step, task_handler)
          Attempt.within(step) { MethodPatcher.call_original(StepExecutor, :execute_single_step, self, task, sequence, step, task_handler) }
        end

        # The step is claimed already.
        def transition_step_to_in_progress!(step)
          attempt = Attempt.of(step)
          return MethodPatcher.call_original(StepExecutor, :transition_step_to_in_progress!, self, step) unless attempt

          attempt.begin(self)
          true
        end
      end
    end
  end
end
