# frozen_string_literal: true

require "concurrent/map"
require_relative "log_lines"

module TaskerCore
  module Frames
    # The engine's structured log lines, dozens a step. What is the same for each of them is worked out once.
    module Logs
      # What is done at once where it is nobody else's.
      WRITING = %i[apply_parameter_filtering format_log_output].freeze
      private_constant :WRITING

      @components = Concurrent::Map.new

      class << self
        # @return [String] now, as the engine writes it
        def timestamp
          zone = Time.zone
          zone && zone.name == "UTC" ? Second.text(Time.now) : Time.current.iso8601(3)
        end

        # @return [String] the component that lines of a class are written for
        def component(class_name)
          @components[class_name] ||= yield
        end

        # @param config [Tasker::Types::TelemetryConfig]
        # @return [KeyFilter]
        def filter(config)
          known = @filter
          return known if known&.for?(config)

          @filter = KeyFilter.new(config)
        end

        # @param entry [Hash] what is to be told
        # @param config [Tasker::Types::TelemetryConfig]
        # @return [String, nil] its line; nil where it takes more than to write it down
        def line(entry, config)
          FlatJson.text(entry) if config.log_format == "json" && filter(config).lets_through?(entry.keys)
        end
      end

      # The whole of it at once, for lines in which nothing has to be masked.
      def log_structured(level, message, **context)
        run = Run.current
        line = nil
        if run&.known_methods?(self.class, WRITING)
          return unless should_log?(level)

          line = Logs.line(build_structured_log_entry(message, context), telemetry_config)
        end
        return InPlace.engine(Logs, :log_structured, self, level, message, **context) unless line

        Rails.logger.public_send(level, line)
      rescue StandardError => e
        Rails.logger.error("Structured logging failed: #{e.message}")
        Rails.logger.public_send(level, message)
      end

      def build_structured_log_entry(message, context)
        {
          timestamp: Logs.timestamp,
          correlation_id:,
          component: determine_component_name,
          message:,
          **extract_standard_context,
          **context
        }
      end

      def determine_component_name
        name = self.class.name
        return InPlace.engine(Logs, :determine_component_name, self) if name.nil?

        Logs.component(name) { InPlace.engine(Logs, :determine_component_name, self) }
      end

      def apply_parameter_filtering(data)
        filter = Logs.filter(telemetry_config)
        filter.usable? && data.instance_of?(Hash) ? filter.filter(data) : InPlace.engine(Logs, :apply_parameter_filtering, self, data)
      end

      def format_log_output(data)
        (FlatJson.text(data) if telemetry_config.log_format == "json") || InPlace.engine(Logs, :format_log_output, self, data)
      end
    end
  end
end
