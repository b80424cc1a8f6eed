# frozen_string_literal: true

module TaskerCore
  module Repairs
    # Lets the engine connect its two telemetry subscribers at boot, with OpenTelemetry or without.
    module Telemetry
      # What the engine names while it connects them and does not load; the autoloader is not set up by then.
      METRICS = %w[tasker/cache_strategy tasker/telemetry].freeze

      # The class methods of the coordinator.
      module Setup
        def setup_telemetry_subscriber
          METRICS.each { |feature| require feature } if Repairs.on?(:telemetry)
          Repairs.engine(Setup, :setup_telemetry_subscriber, self)
        end
      end

      # The subscriber that makes spans. Without OpenTelemetry it has no tracer, and subscribes to nothing.
      module Subscriber
        def create_tracer
          return Repairs.engine(Subscriber, :create_tracer, self) if defined?(::OpenTelemetry) || !Repairs.on?(:telemetry)

          Repairs.note(:telemetry, "OpenTelemetry is not loaded: no spans are made")
          nil
        end

        def should_process_event?(event_constant)
          return false if Repairs.on?(:telemetry) && !defined?(::OpenTelemetry)

          Repairs.engine(Subscriber, :should_process_event?, self, event_constant)
        end
      end
    end
  end
end
