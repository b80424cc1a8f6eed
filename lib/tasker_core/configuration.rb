# frozen_string_literal: true

require_relative "configuration/booleans"
require_relative "configuration/repairs"

module TaskerCore
  # The gem's settings.
  class Configuration
    # @return [Boolean] whether Rust answers. From the environment: `TASKER_CORE=off`.
    attr_reader :enabled

    # @return [Repairs] which of the engine's faults are mended. From the environment: `TASKER_CORE_REPAIRS=off`.
    attr_reader :repairs

    # @param env [Hash{String => String}]
    def initialize(env = ENV)
      @enabled = !Booleans.off?(env.fetch("TASKER_CORE", "on"))
      @repairs = Repairs.new(env)
    end

    # @param value [Boolean]
    # @raise [ArgumentError] for anything but true and false
    def enabled=(value)
      @enabled = Booleans.strict("config.enabled", value)
    end
  end
end
