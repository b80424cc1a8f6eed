# frozen_string_literal: true

module TaskerCore
  module RustSteps
    # The engine's coordinator without the steps that Rust workers execute.
    class Coordinator < Tasker::Orchestration::WorkflowCoordinator
      private

      def find_viable_steps_with_monitoring(task, sequence, task_handler)
        names = RustSteps.names(task_handler)
        super.reject { |step| names.include?(step.name) }
      end
    end
  end
end
