# frozen_string_literal: true

module TaskerCore
  module Claims
    # For `Tasker::TaskHandler::InstanceMethods`: a run of a task.
    module TaskHandler
      # The engine's start is undone by what is raised amid it. Where the answer to the core's start was lost, the task is put back: it
      # can be started again then.
      def start_task(task)
        MethodPatcher.call_original(TaskHandler, :start_task, self, task)
      rescue StandardError
        task.state_machine.transition_to("pending") if Claims.of(task)&.adopted?
        raise
      end

      def handle(task)
        Claims.hold(task) do |claim|
          catch(claim) { MethodPatcher.call_original(TaskHandler, :handle, self, task) }
        end
      end
    end
  end
end
