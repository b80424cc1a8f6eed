# frozen_string_literal: true

module TaskerCore
  module Stock
    # The engine's methods by which it reads the readiness of steps. A native result stands for all of them, so all of them must be stock.
    module ReadinessChain
      class << self
        # @param names [Array<Symbol>] methods of the facade and of the class behind it
        def stock?(*names)
          function = Tasker::Functions::FunctionBasedStepReadinessStatus
          EngineCode.patch?(function.method(:for_task)) && EngineCode.stock?(function, :from_sql_function, :connection) &&
            EngineCode.defines_method?(Tasker::StepReadinessStatus, :for_task) &&
            EngineCode.active_model_methods?(function, :ready_for_execution, :workflow_step_id) &&
            names.all? { |name| [function, Tasker::StepReadinessStatus].all? { |owner| own_or_absent?(owner, name) } }
        end

        private

        def own_or_absent?(owner, name)
          !owner.respond_to?(name) || EngineCode.defines_method?(owner, name)
        end
      end
    end
  end
end
