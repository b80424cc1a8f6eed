# frozen_string_literal: true

module TaskerCore
  # The handler class of steps that Rust workers execute, in the step templates of a task handler with {RustSteps}.
  #
  # @example
  #   define_step_templates do |templates|
  #     templates.define(name: "charge", handler_class: TaskerCore::RustStep)
  #   end
  class RustStep < Tasker::StepHandler::Base
    # @raise [Tasker::PermanentError] always: a Rails worker that comes here does not leave the step to Rust workers
    def process(_task, _sequence, step)
      raise Tasker::PermanentError, "step #{step.name.inspect} is executed by Rust workers: expected a task handler that includes " \
                                    "TaskerCore::RustSteps, got one that does not"
    end
  end
end
