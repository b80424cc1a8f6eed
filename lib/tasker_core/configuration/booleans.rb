# frozen_string_literal: true

module TaskerCore
  class Configuration
    # Settings that are either on or off.
    module Booleans
      OFF = %w[off none false no 0].freeze

      class << self
        # @param word [String] from the environment
        def off?(word)
          OFF.include?(word.downcase)
        end

        # @param setting [String] its name, for the message
        # @return [Boolean] the value
        # @raise [ArgumentError] for anything but true and false
        def strict(setting, value)
          return value if [true, false].include?(value)

          raise ArgumentError, "#{setting}: expected true or false, got #{value.inspect}"
        end
      end
    end
  end
end
