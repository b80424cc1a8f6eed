# frozen_string_literal: true

module TaskerCore
  class Configuration
    # Settings that are either on or off.
    module Booleans
      ON = %w[on true yes 1].freeze
      OFF = %w[off none false no 0].freeze

      class << self
        # @param variable [String] in the environment, for the message
        # @param word [String] its value; empty for none
        # @return [Boolean] whether it switches something off
        # @raise [ArgumentError] for a word that says neither on nor off
        def off?(variable, word)
          return false if word.empty? || ON.include?(word.downcase)
          return true if OFF.include?(word.downcase)

          raise ArgumentError, "#{variable}: expected on or off, got #{word.inspect}"
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
