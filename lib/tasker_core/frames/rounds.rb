# frozen_string_literal: true

require_relative "quiet"

module TaskerCore
  module Frames
    # A round of a workflow: which steps may be run, running them, and whether the task can go on. Where {Quiet} says so, in fewer words.
    module Rounds
      # For `Tasker::Orchestration::WorkflowCoordinator`.
      module Coordinator
        def find_viable_steps_with_monitoring(task, sequence, task_handler)
          from = Quiet.clock
          survey = Quiet.run(self)&.outlook(task.task_id)
          steps = survey && Rounds.ready_steps(survey, sequence)
          unless steps
            return MethodPatcher.call_original(Coordinator, :find_viable_steps_with_monitoring, self, task, sequence,
                                               task_handler)
          end

          Rails.logger.debug { "ViableStepDiscovery: Found #{steps.size} viable steps for task #{task.task_id}" }
          Quiet.tell_if_slow(self, "viable_step_discovery", from) do
            { task_id: task.task_id, step_count: steps.size, sequence_length: sequence.steps.size }
          end
          steps
        end

        def handle_viable_steps_with_monitoring(task, sequence, viable_steps, task_handler)
          unless Quiet.run(self)
            return MethodPatcher.call_original(Coordinator, :handle_viable_steps_with_monitoring, self, task, sequence, viable_steps,
                                               task_handler)
          end

          from = Quiet.clock
          processed = task_handler.send(:step_executor).execute_steps(task, sequence, viable_steps, task_handler)
          Quiet.tell_if_slow(self, "step_batch_execution", from) do
            { task_id: task.task_id, step_count: viable_steps.size, processed_count: processed.size, **Rounds.successes(processed) }
          end
          processed
        end

        def blocked_by_errors_with_monitoring?(task, sequence, processed_steps, task_handler)
          from = Quiet.clock
          survey = Quiet.run(self)&.outlook(task.task_id)
          if survey.nil? || survey.execution_status == Tasker::Constants::TaskExecution::ExecutionStatus::BLOCKED_BY_FAILURES
            return MethodPatcher.call_original(
              Coordinator, :blocked_by_errors_with_monitoring?, self, task, sequence, processed_steps, task_handler
            )
          end

          Override["FunctionBasedTaskExecutionContext.find"].answered
          Quiet.tell_if_slow(self, "error_blocking_check", from) do
            { task_id: task.task_id, is_blocked: false, processed_steps_count: processed_steps.size }
          end
          false
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        def execute_steps(task, sequence, viable_steps, task_handler)
          unless Quiet.run(self) && viable_steps.any?
            return MethodPatcher.call_original(Executor, :execute_steps, self, task, sequence, viable_steps, task_handler)
          end

          from = Quiet.clock
          processed = execute_steps_concurrently_with_monitoring(task, sequence, viable_steps, task_handler)
          Quiet.tell_if_slow(self, "step_batch_execution", from) do
            { task_id: task.task_id, step_count: viable_steps.size, processed_count: processed.size, **Rounds.successes(processed),
              processing_mode: "concurrent" }
          end
          processed.compact
        end

        def execute_steps_concurrently_with_monitoring(task, sequence, viable_steps, task_handler)
          unless Quiet.run(self)
            return MethodPatcher.call_original(
              Executor, :execute_steps_concurrently_with_monitoring, self, task, sequence, viable_steps, task_handler
            )
          end

          max_concurrent_steps # it may have something to log, and does so before the clock starts
          from = Quiet.clock
          results = execute_steps_concurrently(task, sequence, viable_steps, task_handler)
          Quiet.tell_if_slow(self, "concurrent_execution", from) do
            { task_id: task.task_id, step_count: viable_steps.size, **Rounds.successes(results) }
          end
          results
        end
      end

      class << self
        # @return [Array<Tasker::WorkflowStep>, nil] those of the sequence that may be run now; nil where the engine must be asked
        def ready_steps(survey, sequence)
          steps = survey.steps(survey.ready_among(Sequences.ids(sequence)))
          return unless steps

          Override["WorkflowStep.get_viable_steps"].answered
          Records::NamedSteps.attach(steps, Run.current)
        end

        # @param steps [Array<Tasker::WorkflowStep, nil>] that were run
        # @return [Hash] how many of them have succeeded, as the engine's log lines say it
        def successes(steps)
          successful_count = steps.count { |step| step&.status == Tasker::Constants::WorkflowStepStatuses::COMPLETE }
          { successful_count:, failure_count: steps.size - successful_count }
        end
      end
    end
  end
end
