# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  module Frames
    # The engine's structured log lines, dozens a step. What is the same for each of them is worked out once.
    module Logs
      @components = Concurrent::Map.new

      class << self
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

      def determine_component_name
        name = self.class.name
        return InPlace.engine(Logs, :determine_component_name, self) if name.nil?

        Logs.component(name) { InPlace.engine(Logs, :determine_component_name, self) }
      end

      def apply_parameter_filtering(data)
        filter = Logs.filter(telemetry_config)
        filter.usable? && data.instance_of?(Hash) ? filter.filter(data) : InPlace.engine(Logs, :apply_parameter_filtering, self, data)
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
        @harmless = Concurrent::Map.new
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
        data.each_with_object({}) do |(key, value), filtered|
          filtered[key] = plain?(value) && harmless?(key) ? value : @filter.filter_param(key, value)
        end
      end

      private

      def plain?(value)
        !value.is_a?(Hash) && !value.is_a?(Array)
      end

      def harmless?(key)
        known = @harmless[key]
        return known unless known.nil?

        harmless = @filter.filter_param(key, PROBE).equal?(PROBE)
        @harmless[key] = harmless if @harmless.size < LIMIT
        harmless
      end
    end
  end
end
