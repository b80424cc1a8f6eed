# frozen_string_literal: true

module TaskerCore
  module Repairs
    # The engine completes a task inside a transaction and tells of it afterwards, whether or not the transaction was rolled back; the
    # task object says that it is complete. For a task that is complete already, it calls its own publisher wrongly and raises.
    #
    # Here `task.completed` is told of once, by whoever has completed the task.
    module TaskCompletion
      COMPLETING = Local.new(:tasker_core_completing_task)
      private_constant :COMPLETING

      class << self
        def complete?(task)
          task.state_machine.current_state == Tasker::Constants::TaskStatuses::COMPLETE
        end

        # Runs the block, which completes the task.
        def of(task, &)
          COMPLETING.with(task) { catch(task, &) }
        end

        # Ends the block of {of} if it has not completed its task.
        def give_up_unless_complete
          task = COMPLETING.value
          return if task.nil? || complete?(task)

          Repairs.note(:task_completion, "task #{task.task_id} was not completed, and nobody is told that it was")
          task.reload
          throw task
        end
      end

      # For `Tasker::Orchestration::TaskFinalizer`.
      module Finalizer
        def complete_task(task, context)
          return InPlace.engine(Finalizer, :complete_task, self, task, context) unless Repairs.on?(:task_completion)

          if TaskCompletion.complete?(task)
            task.update(complete: true)
            return
          end
          TaskCompletion.of(task) { InPlace.engine(Finalizer, :complete_task, self, task, context) }
        end

        def publish_event_with_logging(event_constant, payload = {}, &)
          TaskCompletion.give_up_unless_complete if event_constant == Tasker::Constants::TaskEvents::COMPLETED
          InPlace.engine(Finalizer, :publish_event_with_logging, self, event_constant, payload, &)
        end
      end
    end
  end
end
