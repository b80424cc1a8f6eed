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
      COLLABORATORS = {
        step_executor: "Tasker::Orchestration::StepExecutor",
        task_finalizer: "Tasker::Orchestration::TaskFinalizer"
      }.freeze
      private_constant :STRATEGIES, :CHOSEN, :COLLABORATORS

      class << self
        # Whether nothing of the application's is called between the start of a task and its workflow.
        # @param task_handler [Tasker::TaskHandler]
        def engine_starts?(task_handler, of_its_class: true)
          Stock::EngineCode.stock?(task_handler, :start_task, :workflow_coordinator, *STRATEGIES.keys) &&
            (!of_its_class || STRATEGIES.all? { |name, strategy| task_handler.send(name) == strategy.constantize }) &&
            engine_coordinates?(task_handler.send(:workflow_coordinator))
        end

        # @param coordinator [Tasker::Orchestration::WorkflowCoordinator]
        def engine_coordinates?(coordinator)
          own?(coordinator, Tasker::Orchestration::WorkflowCoordinator)
        end

        # Whether nothing of the application's is called in the rounds of a workflow but its hooks, handlers and subscribers.
        # @param task_handler [Tasker::TaskHandler]
        def engine_runs?(task_handler)
          Stock::EngineCode.stock?(task_handler, :get_sequence, *COLLABORATORS.keys) &&
            COLLABORATORS.all? { |name, model| own?(task_handler.send(name), model.constantize) }
        end

        # @param task_handler [Tasker::TaskHandler]
        # @param coordinator [Tasker::Orchestration::WorkflowCoordinator]
        # @return [Array<Compatibility::Reason>] why {engine_coordinates?} or {engine_runs?} is false
        def reasons(task_handler, coordinator)
          own = COLLABORATORS.select { |name, _| Stock::EngineCode.stock?(task_handler, name) }
          collaborators = own.map { |name, model| [task_handler.send(name), model.constantize] }
          [[coordinator, Tasker::Orchestration::WorkflowCoordinator], *collaborators]
            .flat_map { |object, model| foreign(object, methods_of(model)) } + foreign(task_handler, [:get_sequence, *COLLABORATORS.keys])
        end

        private

        def own?(object, model)
          Stock::EngineCode.stock?(object, *methods_of(model))
        end

        def methods_of(model)
          (model.instance_methods(false) - CHOSEN) + model.private_instance_methods(false)
        end

        def foreign(object, names)
          names.filter_map do |name|
            method = Stock::EngineCode.method_of(object, name)
            next Compatibility::Reason.new(subject: Compatibility::Reason.name_of(object), problem: "has no method `#{name}`") unless method

            Compatibility::Reason.of_method(method) unless Stock::EngineCode.unmodified?(method)
          end
        end
      end
    end
  end
end
