# frozen_string_literal: true

module TaskerCore
  module Fixes
    # The engine completes a task inside a transaction and publishes it afterwards, whether or not the transaction was rolled back; the
    # task object says that it is complete. For a task that is complete already, it calls its own publisher wrongly and raises.
    #
    # Here `task.completed` is published once, by the worker that has completed the task.
    #
    # A completion can also be refused because another worker has just put the task back to pending, or is about to: it has started it, and
    # saw the last step in progress. No worker would run the task again, so the worker that has ended that step tries again.
    module TaskCompletion
      COMPLETING = Local.new(:tasker_core_completing_task)
      # A worker puts a task back once; so many would have to do so, each just in time.
      TRIES = 5
      private_constant :COMPLETING, :TRIES

      class << self
        def complete?(task)
          task.state_machine.current_state == Tasker::Constants::TaskStatuses::COMPLETE
        end

        # Runs the block, which completes the task, again if it was refused and the task would be left behind.
        def of(task)
          TRIES.times do
            result = task
            COMPLETING.with(task) { catch(task) { result = yield } }
            return result if task.complete || !left_behind?(task)
          end
          task
        rescue ArgumentError => e
          raise unless misdirected?(e)
        end

        # Ends the block of {of} if it has not completed its task.
        def give_up_unless_complete
          task = COMPLETING.value
          return if task.nil? || complete?(task)

          Fix.note(:task_completion, "task #{task.task_id} was not completed, and nobody is told that it was")
          task.reload
          throw task
        end

        private

        # Whether the engine has tried to publish a task that another worker has completed meanwhile.
        def misdirected?(error)
          error.backtrace_locations&.first&.base_label == "publish_task_completed"
        end

        # Whether it is yet to be completed, though all of its steps are done. The worker that has it in progress may have read it before.
        def left_behind?(task)
          Run.current&.unsettle
          statuses = Tasker::Constants::TaskStatuses
          return false unless [statuses::PENDING, statuses::IN_PROGRESS].include?(task.state_machine.current_state)

          context = Tasker::Functions::FunctionBasedTaskExecutionContext.find(task.task_id)
          context&.execution_status == Tasker::Constants::TaskExecution::ExecutionStatus::ALL_COMPLETE
        end
      end

      # For `Tasker::Orchestration::TaskFinalizer`.
      module Finalizer
        def complete_task(task, context)
          fixed = task.is_a?(Tasker::Task) && Fix.on?(:task_completion)
          return MethodPatcher.call_original(Finalizer, :complete_task, self, task, context) unless fixed

          if TaskCompletion.complete?(task)
            task.update(complete: true)
            return
          end
          TaskCompletion.of(task) { MethodPatcher.call_original(Finalizer, :complete_task, self, task, context) }
        end

        def publish_event_with_logging(event_constant, payload = {}, &)
          TaskCompletion.give_up_unless_complete if event_constant == Tasker::Constants::TaskEvents::COMPLETED
          MethodPatcher.call_original(Finalizer, :publish_event_with_logging, self, event_constant, payload, &)
        end
      end
    end
  end
end
