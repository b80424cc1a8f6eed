# frozen_string_literal: true

module TaskerCore
  module Repairs
    # Spares applications without OpenTelemetry the failure of the subscriber that makes its spans.
    module Telemetry
      # @return [Boolean] whether the subscriber has to do without, and the repair is on
      def self.without_opentelemetry?
        !defined?(::OpenTelemetry) && Repairs.on?(:telemetry)
      end

      # The class methods of the coordinator. Nothing is connected there without OpenTelemetry, as before.
      module Setup
        def setup_telemetry_subscriber
          return InPlace.engine(Setup, :setup_telemetry_subscriber, self) if !Telemetry.without_opentelemetry? || Repairs.on?(:metrics)

          Repairs.note(:telemetry, "OpenTelemetry is not loaded: no spans are made")
        end
      end

      # The subscriber has no tracer then, and minds no event.
      module Subscriber
        def create_tracer
          InPlace.engine(Subscriber, :create_tracer, self) unless Telemetry.without_opentelemetry?
        end

        def should_process_event?(event_constant)
          !Telemetry.without_opentelemetry? && InPlace.engine(Subscriber, :should_process_event?, self, event_constant)
        end
      end
    end
  end
end
