# frozen_string_literal: true

require "concurrent/map"
require_relative "log_lines"
require_relative "step_words"

module TaskerCore
  module Frames
    # The engine's structured log lines, dozens a step. What is the same for each of them is worked out once.
    module Logs
      # What is done at once where it is nobody else's.
      WRITING = %i[apply_parameter_filtering format_log_output].freeze
      LEVELS = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 }.freeze
      private_constant :WRITING, :LEVELS

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

        # Whether a configuration is the engine's own. Whatever stands in its place is asked by the engine's code only, which asks for less.
        # @param config [Object]
        def engine_config?(config)
          return false unless config.instance_of?(Tasker::Types::TelemetryConfig)

          method = config.class.instance_method(:parameter_filter) # its objects are frozen, and have no methods of their own
          return true if method == @parameter_filter
          return false unless Stock::EngineCode.defines?(method)

          @parameter_filter = method
          true
        end

        # @param config [Object]
        # @return [KeyFilter, nil] nil where the engine's code must filter
        def filter(config)
          return unless engine_config?(config)

          known = @filter
          return known if known&.for?(config)

          @filter = KeyFilter.new(config)
        end

        # @param entry [Hash] what is to be told
        # @param config [Object]
        # @return [String, nil] its line; nil where it takes more than to write it down
        def line(entry, config)
          filter = filter(config)
          FlatJson.text(entry) if filter && config.log_format == "json" && filter.lets_through?(entry.keys)
        end

        # @param teller [Object] who logs by the engine's methods
        # @return [Boolean] whether the log wants lines of steps, as the engine tells it
        def wanted?(teller)
          config = teller.send(:telemetry_config)
          return teller.send(:should_log?, :info) unless config.instance_of?(Tasker::Types::TelemetryConfig)

          (LEVELS[config.log_level.to_sym] || LEVELS[:info]) <= LEVELS[:info]
        end

        # @param teller [Object] who logs
        # @param step [Object]
        # @return [StepWords, nil] nil where the line of a step takes the engine's own code
        def words(teller, step)
          words = Run.current&.held(step.workflow_step_id)&.words(step) if step.instance_of?(Tasker::WorkflowStep)
          words if words&.for?(teller)
        end

        # Writes the line of a step. What the engine does if that fails is done here, too.
        def write(event_type, line)
          Rails.logger.info(line)
        rescue StandardError => e
          Rails.logger.error("Structured logging failed: #{e.message}")
          Rails.logger.info("Step #{event_type}")
        end
      end

      # The whole of it at once, for lines in which nothing has to be masked.
      def log_structured(level, message, **context)
        return MethodPatcher.call_original(Logs, :log_structured, self, level, message, **context) unless TaskerCore.active?

        begin
          return unless should_log?(level)

          entry = build_structured_log_entry(message, context)
          line = Logs.line(entry, telemetry_config) if Run.current&.known_methods?(self.class, WRITING)
          Rails.logger.public_send(level, line || format_log_output(apply_parameter_filtering(entry)))
        rescue StandardError => e
          Rails.logger.error("Structured logging failed: #{e.message}")
          Rails.logger.public_send(level, message)
        end
      end

      # In fewer words while a worker holds the step.
      def log_step_event(step, event_type, duration: nil, **context)
        words = Logs.words(self, step)
        return MethodPatcher.call_original(Logs, :log_step_event, self, step, event_type, duration:, **context) unless words

        status = step.status
        context = { duration_ms: (duration * 1000).round(2), performance_category: categorize_duration(duration), **context } if duration
        line = words.line(self, event_type, status, context)
        return log_structured(:info, "Step #{event_type}", **words.context(event_type, status, context)) if line.nil?

        Logs.write(event_type, line) if line
      end

      def build_structured_log_entry(message, context)
        return MethodPatcher.call_original(Logs, :build_structured_log_entry, self, message, context) unless TaskerCore.active?

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
        return MethodPatcher.call_original(Logs, :determine_component_name, self) if name.nil? || !TaskerCore.active?

        Logs.component(name) { MethodPatcher.call_original(Logs, :determine_component_name, self) }
      end

      def apply_parameter_filtering(data)
        filter = Logs.filter(telemetry_config) if TaskerCore.active? && data.instance_of?(Hash)
        filter&.usable? ? filter.filter(data) : MethodPatcher.call_original(Logs, :apply_parameter_filtering, self, data)
      end

      def format_log_output(data)
        text = FlatJson.text(data) if TaskerCore.active? && Logs.engine_config?(telemetry_config) && telemetry_config.log_format == "json"
        text || MethodPatcher.call_original(Logs, :format_log_output, self, data)
      end
    end
  end
end
