# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # What the core answers in this process, and which workflows it runs.
    class Coverage
      # @!attribute [r] native
      #   @return [Boolean] whether the core runs it
      # @!attribute [r] reasons
      #   @return [Array<String>] why it does not, or what of it the engine's own code does
      Workflow = Data.define(:namespace, :name, :version, :handler, :native, :reasons)
      Method = Data.define(:name, :rust, :engine, :redefined_in)

      # @return [Array<Workflow>] those that are registered in this process
      def workflows
        @workflows ||= Compatibility::RegisteredHandler.all.map do |handler|
          native, reasons = judge(handler)
          Workflow.new(**handler.to_h, handler: handler.to_s, native:, reasons:)
        end
      end

      # @return [Array<Method>] overridden methods of the engine with the calls that each side has answered here
      def methods
        replaced = Extension.loaded? ? Engine::Registry.current_methods.reject { |_name, method| MethodPatcher.patched?(method) } : {}
        TaskerCore.stats.map do |name, counts|
          Method.new(name:, redefined_in: replaced[name]&.then { |method| method.source_location&.join(":") || "native code" }, **counts)
        end
      end

      # @return [Hash] see {TaskerCore.run_stats}
      def runs = TaskerCore.run_stats

      private

      # @return [Array(Boolean, Array<String>)] whether the core runs it, and the reasons
      def judge(handler)
        return [false, ["the gem is #{TaskerCore.mode} in this process"]] unless TaskerCore.active?

        reasons = handler.reasons
        [reasons.none? { |reason| reason.scope == :run }, reasons.map(&:to_s)]
      end
    end
  end
end
