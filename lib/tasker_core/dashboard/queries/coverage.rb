# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # What the core answers in this process, and which workflows it runs.
    class Coverage
      Workflow = Data.define(:namespace, :name, :version, :handler, :native, :reason)
      Method = Data.define(:name, :rust, :engine, :redefined_in)

      MODELS = %w[Task WorkflowStep WorkflowStepEdge TaskTransition WorkflowStepTransition].freeze
      private_constant :MODELS

      # @return [Array<Workflow>] those that are registered in this process
      def workflows
        @workflows ||= Tasker::HandlerFactory.instance.list_handlers.flat_map do |namespace, names|
          names.flat_map { |name, versions| versions.map { |version, handler| workflow(namespace, name, version, handler) } }
        end
      end

      # @return [Array<Method>] overridden methods of the engine with the calls that each side has answered here
      def methods
        replaced = Extension.loaded? ? Backing.methods_now.reject { |_name, method| InPlace.own?(method) } : {}
        TaskerCore.stats.map do |name, counts|
          Method.new(name:, redefined_in: replaced[name]&.then { |method| method.source_location&.join(":") || "native code" }, **counts)
        end
      end

      # @return [Array<String>] models to which the application has added something, so that the engine's own code writes them
      def extended_models
        return [] unless Extension.loaded?

        MODELS.map { |name| "Tasker::#{name}".constantize }.reject { |model| PlainModel.plain?(model) }.map(&:name)
      end

      private

      def workflow(namespace, name, version, handler)
        reason = reason_of(handler)
        Workflow.new(namespace: namespace.to_s, name: name.to_s, version: version.to_s, handler: handler.to_s, native: reason.nil?, reason:)
      end

      # @return [String, nil] why the core does not run it
      def reason_of(handler)
        return "the gem is #{TaskerCore.mode} in this process" unless TaskerCore.active?

        task_handler = (handler.is_a?(Class) ? handler : handler.to_s.constantize).new
        Compatibility.reasons(task_handler).select { |reason| reason.scope == :run }.join("; ").presence
      rescue StandardError => e
        "its handler could not be made: #{e.class}: #{e.message}"
      end
    end
  end
end
