# frozen_string_literal: true

module TaskerCore
  class Configuration
    # Durations given as settings.
    module Seconds
      # @param setting [String] its name, for the error
      # @param value [Object]
      # @return [Numeric] the value
      # @raise [ArgumentError] for anything but a positive number
      def self.positive(setting, value)
        return value if value.is_a?(Numeric) && value.positive?

        raise ArgumentError, "#{setting}: expected a positive number of seconds, got #{value.inspect}"
      end
    end
  end
end
