# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # What is put in the place of the engine's methods.
    module EngineMethods
      # For `Tasker::TaskHandler::InstanceMethods`.
      module TaskHandler
        def handle(task)
          engine = -> { MethodPatcher.call_original(TaskHandler, :handle, self, task) }
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

        def collect_results_with_timeout(futures, batch_size, task_id)
          Batch.waiting { MethodPatcher.call_original(StepExecutor, :collect_results_with_timeout, self, futures, batch_size, task_id) }
        end

        def cleanup_futures_with_memory_management(futures, batch_size, batch_start_time, task_id)
          Batch.waiting do
            MethodPatcher.call_original(
              StepExecutor, :cleanup_futures_with_memory_management, self, futures, batch_size, batch_start_time, task_id
            )
          end
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
