# frozen_string_literal: true

module TaskerCore
  module Frames
    # Who runs a workflow beside its task handler: a coordinator, an executor of steps, a finalizer and a re-enqueuer. An application may
    # have some of its own; then code of the application stands between the engine's, and no {Run} is begun.
    module Collaborators
      STRATEGIES = {
        workflow_coordinator_strategy: "Tasker::Orchestration::WorkflowCoordinator",
        reenqueuer_strategy: "Tasker::Orchestration::TaskReenqueuer"
      }.freeze
      # A number that tests like to choose.
      CHOSEN = %i[max_concurrent_steps].freeze
      private_constant :STRATEGIES, :CHOSEN

      class << self
        # Whether nothing of the application's is called between the start of a task and its workflow.
        # @param task_handler [Tasker::TaskHandler]
        def engine_starts?(task_handler)
          EngineCode.untouched?(task_handler, :start_task, :workflow_coordinator, *STRATEGIES.keys) &&
            STRATEGIES.all? { |name, strategy| task_handler.send(name) == strategy.constantize } &&
            engine_coordinates?(task_handler.send(:workflow_coordinator))
        end

        # @param coordinator [Tasker::Orchestration::WorkflowCoordinator]
        def engine_coordinates?(coordinator)
          own?(coordinator, Tasker::Orchestration::WorkflowCoordinator)
        end

        # Whether nothing of the application's is called in the rounds of a workflow but its hooks, handlers and subscribers.
        # @param task_handler [Tasker::TaskHandler]
        def engine_runs?(task_handler)
          EngineCode.untouched?(task_handler, :get_sequence, :step_executor, :task_finalizer) &&
            own?(task_handler.send(:step_executor), Tasker::Orchestration::StepExecutor) &&
            own?(task_handler.send(:task_finalizer), Tasker::Orchestration::TaskFinalizer)
        end

        private

        def own?(object, model)
          EngineCode.untouched?(object, *(model.instance_methods(false) - CHOSEN), *model.private_instance_methods(false))
        end
      end
    end
  end
end
