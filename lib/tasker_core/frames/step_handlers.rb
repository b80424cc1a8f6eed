# frozen_string_literal: true

module TaskerCore
  module Frames
    # Where a task is run from, and where the executor gets a step's handler, to call it next.
    module TaskHandler
      def handle(task)
        engine = -> { MethodPatcher.call_original(TaskHandler, :handle, self, task) }
        return Run.suspended(&engine) unless Collaborators.engine_starts?(self) && Run.possible?

        Run.of(task.task_id) do
          Run.current.definitions.meet(task)
          engine.call
        end
      end

      def get_step_handler(step)
        step_handler = MethodPatcher.call_original(TaskHandler, :get_step_handler, self, step)
        Run.leave unless Handler.kept?(step_handler)
        step_handler
      end
    end

    # The application's own work is done in here.
    module Handler
      # @return [Boolean] whether a handler has the engine's `handle` and nothing else
      def self.kept?(step_handler)
        wrapper = Stock::EngineCode.method_of(step_handler, :handle)
        !wrapper.nil? && wrapper.owner == Tasker::StepHandler::AutomaticEventPublishing &&
          wrapper.super_method&.owner == Tasker::StepHandler::Base
      end

      def handle(task, sequence, step)
        Run.suspended { MethodPatcher.call_original(Handler, :handle, self, task, sequence, step) }
      ensure
        Run::HeldStep.handed_out(step, self)
      end
    end
  end
end
