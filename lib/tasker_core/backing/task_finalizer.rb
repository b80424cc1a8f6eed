# frozen_string_literal: true

module TaskerCore
  module Backing
    # Methods of the engine's `TaskFinalizer` that change a task.
    module TaskFinalizer
      def complete_task(task, context)
        Override["TaskFinalizer#complete_task"].change(self, task, context) do |override|
          TaskEnding.new(self, task, context, override).complete || Override::DECLINED
        end
      end
    end
  end
end
