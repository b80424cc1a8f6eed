# frozen_string_literal: true

module TaskerCore
  module Claims
    # For `Tasker::TaskHandler::InstanceMethods`: a run of a task.
    module TaskHandler
      def handle(task)
        Claims.hold(task) do |claim|
          catch(claim) { InPlace.engine(TaskHandler, :handle, self, task) }
        end
      end
    end
  end
end
