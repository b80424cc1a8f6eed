# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  module Frames
    # The engine's structured log lines, dozens a step. What is the same for each of them is worked out once.
    module Logs
      @components = Concurrent::Map.new

      class << self
        # @return [String] now, as the engine writes it
        def timestamp
          now = Time.current
          Time.zone&.name == "UTC" ? now.utc.strftime("%FT%T.%LZ") : now.iso8601(3)
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

    # JSON as ActiveSupport makes it, without its steps in between, of data in which no object has a say.
    module FlatJson
      # ActiveSupport hands these to the JSON library as they are.
      PLAIN = [
        String, Symbol, Integer, NilClass, TrueClass, FalseClass, ActiveSupport::StringInquirer, ActiveSupport::EnvironmentInquirer
      ].freeze
      # What ActiveSupport writes in another way than the JSON library.
      ESCAPED = /[<>&\u2028\u2029]/
      private_constant :PLAIN, :ESCAPED

      class << self
        # @param data [Object]
        # @return [String, nil] nil where it takes ActiveSupport's own code
        def text(data)
          return unless ActiveSupport.json_encoder == ActiveSupport::JSON::Encoding::JSONGemEncoder && flat?(data)

          text = ::JSON.generate(data)
          text unless text.match?(ESCAPED)
        rescue ::JSON::GeneratorError, EncodingError
          nil
        end

        private

        def flat?(data)
          return false unless data.instance_of?(Hash) && data.keys.all?(Symbol)

          values = data.values
          others = values.map(&:class) - PLAIN
          others.empty? || ((others - [Float]).empty? && values.grep(Float).all?(&:finite?))
        end
      end
    end

    # A parameter filter that remembers which keys it lets through.
    class KeyFilter
      PROBE = Object.new.freeze
      # Keys are words of the engine's and the application's code; anything beyond that is data.
      LIMIT = 1_000
      private_constant :PROBE, :LIMIT

      # @param config [Tasker::Types::TelemetryConfig]
      def initialize(config)
        @parameters = config.filter_parameters.dup
        @mask = config.filter_mask
        @filter = config.parameter_filter
        @harmless = {}
      end

      # Whether it is made of a configuration's present values.
      def for?(config)
        @parameters == config.filter_parameters && @mask == config.filter_mask
      end

      # Whether keys decide by themselves. Blocks look at values, and patterns with a dot at what is around.
      def usable?
        @usable = @filter && @parameters.none? { |filter| filter.is_a?(Proc) || filter.to_s.include?(".") } if @usable.nil?
        @usable
      end

      # @param data [Hash]
      # @return [Hash] a new one, with masks in the place of what must not be seen
      def filter(data)
        filtered = data.dup
        return filtered if @harmless.values_at(*data.keys).all? && plain?(data.values)

        data.each { |key, value| filtered[key] = @filter.filter_param(key, value) unless harmless?(key) && plain?([value]) }
        filtered
      end

      private

      def plain?(values)
        values.none?(Hash) && values.none?(Array)
      end

      def harmless?(key)
        @harmless.fetch(key) { judge(key) }
      end

      def judge(key)
        harmless = @filter.filter_param(key, PROBE).equal?(PROBE)
        @harmless[key] = harmless if @harmless.size < LIMIT
        harmless
      end
    end
  end
end
