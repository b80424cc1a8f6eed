# frozen_string_literal: true

module TaskerCore
  # The gem's settings.
  class Configuration
    OFF = %w[off false no 0].freeze
    private_constant :OFF

    # @return [Boolean] whether Rust answers. From the environment: `TASKER_CORE=off`.
    attr_reader :enabled

    # @param env [Hash{String => String}]
    def initialize(env = ENV)
      @enabled = !OFF.include?(env.fetch("TASKER_CORE", "on").downcase)
    end

    # @param value [Boolean]
    # @raise [ArgumentError] for anything but true and false
    def enabled=(value)
      known = [true, false].include?(value)
      raise ArgumentError, "config.enabled: expected true or false, got #{value.inspect}" unless known

      @enabled = value
    end
  end
end
