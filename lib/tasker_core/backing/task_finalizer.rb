# frozen_string_literal: true

module TaskerCore
  module Backing
    # Methods of the engine's `TaskFinalizer` that change a task.
    module TaskFinalizer
      def complete_task(task, context)
        Seam["TaskFinalizer#complete_task"].change(self, task, context) do |seam|
          TaskEnding.new(self, task, context, seam).complete || Seam::DECLINED
        end
      end
    end
  end
end
