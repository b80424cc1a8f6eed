# frozen_string_literal: true

module TaskerCore
  # Whether an application has added to one of the engine's models.
  #
  # Rows may be written without building objects only where nobody but the engine has a callback or a validation on their model;
  # otherwise those must run, and the engine's own code runs them.
  module PlainModel
    NAMES = %w[
      Tasker::TaskTransition Tasker::WorkflowStep Tasker::WorkflowStepEdge Tasker::WorkflowStepTransition
    ].freeze

    @callbacks = {}

    class << self
      # Notes the callbacks that the engine itself has given to a model.
      # @param model [Class] just loaded
      def remember(model)
        @callbacks[model.name] = model.__callbacks.dup
      end

      # @param model [Class]
      # @return [Boolean]
      def plain?(model)
        remembered = @callbacks[model.name]
        return false if remembered.nil?

        now = model.__callbacks
        remembered.all? { |kind, chain| chain.equal?(now[kind]) }
      end
    end
  end
end
