# frozen_string_literal: true

require_relative "job_at_work"
require_relative "retries/resumption"
require_relative "retries/rounds"

module TaskerCore
  module Fixes
    # A failed step whose wait is over is ready, by the engine's readiness; but its executor accepts pending steps only, and nothing makes
    # the step pending again. So the loop finds it, does nothing with it, and finds it again for ever. While the wait lasts the loop ends,
    # the task becomes pending, and nothing runs it again.
    #
    # Here the executor moves the step from `error` to `pending` and runs it. A loop that would go round without getting anywhere ends
    # ({Rounds}), and a task that only needs time is enqueued for when its next step is due ({Resumption}).
    module Retries
      class << self
        # Makes a failed step pending, if it is due. Another worker that retries the step waits for the lock, and finds it pending.
        #
        # @param executor [Tasker::Orchestration::StepExecutor]
        def try_again(executor, step)
          attempt = WorkflowRun::Attempt.of(step)
          if attempt
            attempt.try_again(executor)
            return tried_again(step)
          end

          Native::QueryRunner.transaction do
            updated_at = step.class.lock.where(workflow_step_id: step.workflow_step_id).pick(:updated_at)
            next unless updated_at == step.updated_at && due?(step)

            moved = executor.safe_transition_to(step, Tasker::Constants::WorkflowStepStatuses::PENDING)
            tried_again(step) if moved
          end
        end

        # Makes a task pending that is in progress, for a job to start it later.
        # @param reenqueuer [Tasker::Orchestration::TaskReenqueuer]
        def lay_down(reenqueuer, task)
          statuses = Tasker::Constants::TaskStatuses
          return unless task.state_machine.current_state == statuses::IN_PROGRESS

          reenqueuer.safe_transition_to(task, statuses::PENDING)
        rescue StandardError => e
          # The engine's own method answers for everything that goes wrong here, with false; a job is better than none.
          Rails.logger.error("tasker-core: repair retries: task #{task.task_id} could not be made pending: #{e.message}")
        end

        private

        def tried_again(step)
          Fix.note(:retries, "step #{step.workflow_step_id} is tried again, attempts so far: #{step.attempts}")
        end

        def due?(step)
          Tasker::StepReadinessStatus.for_task(step.task_id, [step.workflow_step_id]).first&.ready_for_execution
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        def step_ready_for_execution_with_logging?(step)
          failed = Fix.on?(:retries) && step.state_machine.current_state == Tasker::Constants::WorkflowStepStatuses::ERROR
          Retries.try_again(self, step) if failed
          MethodPatcher.call_original(Executor, :step_ready_for_execution_with_logging?, self, step)
        end
      end

      # For `Tasker::Orchestration::WorkflowCoordinator`.
      module Coordinator
        def execute_workflow_with_monitoring(task, task_handler)
          engine = -> { MethodPatcher.call_original(Coordinator, :execute_workflow_with_monitoring, self, task, task_handler) }
          Fix.on?(:retries) ? Rounds.of(Rounds.new, &engine) : Rounds.of(nil, &engine)
        end

        def find_viable_steps_with_monitoring(task, sequence, task_handler)
          steps = MethodPatcher.call_original(Coordinator, :find_viable_steps_with_monitoring, self, task, sequence, task_handler)
          rounds = Rounds.current
          rounds.nil? || rounds.progress?(task, steps) ? steps : []
        end

        def finalize_task_with_logging(task, sequence, processed_steps, task_handler)
          MethodPatcher.call_original(Coordinator, :finalize_task_with_logging, self, task, sequence, processed_steps, task_handler)
          rounds = Rounds.current
          Resumption.new(task, reenqueuer_strategy).arrange(stuck: rounds.stuck?) if rounds
        end
      end

      # For `Tasker::Orchestration::TaskReenqueuer`.
      module Reenqueuer
        # Unlike its sibling without a delay, the engine's method leaves the task in progress, where the job that it makes must refuse it.
        def reenqueue_task_delayed(task, delay_seconds:, reason: Tasker::Constants::TaskFinalization::ReenqueueReasons::RETRY_BACKOFF)
          Retries.lay_down(self, task) if task.is_a?(Tasker::Task) && Fix.on?(:retries)
          MethodPatcher.call_original(Reenqueuer, :reenqueue_task_delayed, self, task, delay_seconds:, reason:)
        end
      end

      # For the singleton class of `Tasker::Orchestration::TaskFinalizer::FinalizationDecisionMaker`.
      module Decision
        # Steps can be ready here if their wait was over a moment after the loop had asked. The engine leaves the task in progress, where
        # no other process may run it.
        def handle_ready_steps_state(task, context, synchronous, finalizer)
          MethodPatcher.call_original(Decision, :handle_ready_steps_state, self, task, context, synchronous, finalizer)
          return unless synchronous && Rounds.current

          finalizer.pending_task(task, context, reason: Tasker::Constants::TaskFinalization::PendingReasons::READY_FOR_PROCESSING)
        end
      end
    end
  end
end
