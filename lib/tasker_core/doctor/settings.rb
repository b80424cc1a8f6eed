# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether the gem is on, and which of its fixes are.
    class Settings
      # @param configuration [Configuration]
      def initialize(configuration: TaskerCore.configuration)
        @configuration = configuration
      end

      def title = "settings"

      def findings
        [mode, *repairs]
      end

      private

      def mode
        case @configuration.mode
        when :on then Finding.ok("the gem is on")
        when :shadow then Finding.ok("the gem is in the shadow: the engine's own code answers, and Rust computes beside it")
        else Finding.warn("the gem is off: the engine's own code answers",
                          "Take TASKER_CORE out of the environment, and `config.mode = :off` out of the initializers.")
        end
      end

      def repairs
        on, off = @configuration.repairs.to_h.keys.partition { |name| @configuration.repairs[name] }
        left_out, unasked = off.partition { |name| Fix.fetch(name).default }
        [Finding.ok("repairs#{" (which act when the gem is on only)" unless @configuration.enabled?}: #{on.join(", ").presence || "none"}" \
                    "#{" (only if asked for: #{unasked.join(", ")})" if unasked.any?}"),
         *left_out.map { |name| missing(name) }]
      end

      def missing(name)
        Finding.warn("repair #{name} is off. With it: #{Fix.fetch(name).result}",
                     "Take `config.repairs.#{name} = false` out of the initializers, and TASKER_CORE_REPAIRS out of the environment.")
      end
    end
  end
end
