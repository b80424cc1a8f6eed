# frozen_string_literal: true

module TaskerCore
  module Frames
    # A task is created and started here.
    module Initializer
      def initialize_task!(task_request, task_handler)
        engine = -> { MethodPatcher.call_original(Initializer, :initialize_task!, self, task_request, task_handler) }
        possible = Stock::EngineCode.stock?(task_handler, :establish_step_dependencies_and_defaults) && Run.possible?
        possible ? Run.within(Run.new, &engine) : Run.suspended(&engine)
      end
    end

    # A workflow begins and ends here. A coordinator of the application's own has code of the application between the engine's.
    module Coordinator
      def execute_workflow(task, task_handler)
        engine = -> { MethodPatcher.call_original(Coordinator, :execute_workflow, self, task, task_handler) }
        possible = Collaborators.engine_coordinates?(self) && Collaborators.engine_runs?(task_handler) && Run.possible?
        Compatibility.record(task.task_id, task_handler, self, native: possible) unless Run.current&.verdicts&.key?(Compatibility)
        possible ? Run.of(task.task_id, &engine) : Run.suspended(&engine)
      end

      def finalize_task_with_logging(task, sequence, processed_steps, task_handler)
        engine = lambda do
          MethodPatcher.call_original(Coordinator, :finalize_task_with_logging, self, task, sequence, processed_steps, task_handler)
        end
        Stock::EngineCode.stock?(task_handler, :update_annotations) ? engine.call : Run.suspended(&engine)
      end
    end

    # Hands a task's steps to the application, for it to add to them.
    module SequenceFactory
      def establish_step_dependencies_and_defaults(task, steps, task_handler)
        engine = lambda do
          MethodPatcher.call_original(SequenceFactory, :establish_step_dependencies_and_defaults, self, task, steps, task_handler)
        end
        return engine.call if Run.current.nil? || Stock::EngineCode.stock?(task_handler, :establish_step_dependencies_and_defaults)

        Run.current.unsettle
        Run.suspended(&engine)
      end
    end
  end
end
