# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Spares applications without OpenTelemetry the failure of the subscriber that makes its spans.
    module Telemetry
      # @return [Boolean] whether the subscriber has to do without, and the repair is on
      def self.without_opentelemetry?
        !defined?(::OpenTelemetry) && Fix.on?(:telemetry)
      end

      # The class methods of the coordinator. Nothing is connected there without OpenTelemetry, as before.
      module Setup
        def setup_telemetry_subscriber
          if !Telemetry.without_opentelemetry? || Fix.on?(:metrics)
            return MethodPatcher.call_original(Setup, :setup_telemetry_subscriber,
                                               self)
          end

          Fix.note(:telemetry, "OpenTelemetry is not loaded: no spans are made")
        end
      end

      # The subscriber has no tracer then, and minds no event.
      module Subscriber
        def create_tracer
          MethodPatcher.call_original(Subscriber, :create_tracer, self) unless Telemetry.without_opentelemetry?
        end

        def should_process_event?(event_constant)
          !Telemetry.without_opentelemetry? && MethodPatcher.call_original(Subscriber, :should_process_event?, self, event_constant)
        end
      end
    end
  end
end
