# frozen_string_literal: true

require_relative "configuration/booleans"
require_relative "configuration/dashboard"
require_relative "configuration/repairs"
require_relative "configuration/seconds"

module TaskerCore
  # The gem's settings.
  class Configuration
    # `:on`: Rust answers. `:off`: the engine's own code does. `:shadow`: the engine's own code does, and Rust computes beside it.
    MODES = %i[on off shadow].freeze
    WORDS = { "on" => Booleans::ON, "off" => Booleans::OFF, "shadow" => %w[shadow] }.freeze
    SIZES = (1..100)
    GRACE = 30 # seconds
    private_constant :WORDS, :SIZES, :GRACE

    # @return [Symbol] one of {MODES}. From the environment: `TASKER_CORE=off`, which has the last word, so that a process can be
    #   switched off whatever its initializers say.
    attr_reader :mode

    # @return [Repairs] which of the engine's faults are fixed. From the environment: `TASKER_CORE_REPAIRS=off`.
    attr_reader :repairs

    # @return [Integer, nil] how many connections of its own, beside ActiveRecord's, the core may open in a process for bulk reads; see
    #   {Pool}. None by default.
    attr_reader :bulk_pool_size

    # @return [Boolean] whether the work of killed processes is taken up; see {Recovery}. Off by default, since handlers are executed again.
    #   From the environment: `TASKER_CORE_RECOVERY`, which has the last word.
    attr_reader :recovery

    # @return [Numeric] seconds for which a worker may be without its lock before it counts as dead; 30 by default
    attr_reader :recovery_grace

    # @return [Dashboard] the settings of {TaskerCore::Dashboard}, which an application mounts
    attr_reader :dashboard

    # @param env [Hash{String => String}]
    # @raise [ArgumentError] for words that say nothing that there is
    def initialize(env = ENV)
      word = env.fetch("TASKER_CORE", "")
      @settled = !word.empty?
      @mode = mode_named(word)
      @repairs = Repairs.new(env)
      @dashboard = Dashboard.new
      recovery = env.fetch("TASKER_CORE_RECOVERY", "")
      @recovery_settled = !recovery.empty?
      @recovery = @recovery_settled && !Booleans.off?("TASKER_CORE_RECOVERY", recovery)
      @recovery_grace = GRACE
    end

    # Has no effect where the environment names a mode.
    #
    # @param value [Symbol] one of {MODES}
    # @raise [ArgumentError] for anything else
    def mode=(value)
      raise ArgumentError, "config.mode: expected one of #{MODES.inspect}, got #{value.inspect}" unless MODES.include?(value)

      @mode = value unless @settled
    end

    # @return [Boolean] whether Rust answers
    def enabled?
      mode == :on
    end
    alias enabled enabled?

    # Has no effect where the environment names a mode.
    #
    # @param value [Boolean] true for the mode `:on`, false for `:off`
    # @raise [ArgumentError] for anything but true and false
    def enabled=(value)
      self.mode = Booleans.strict("config.enabled", value) ? :on : :off
    end

    # @param size [Integer, nil]
    # @raise [ArgumentError] for anything but a number of connections or nil
    def bulk_pool_size=(size)
      unless size.nil? || (size.is_a?(Integer) && SIZES.cover?(size))
        raise ArgumentError, "config.bulk_pool_size: expected an Integer in #{SIZES} or nil, got #{size.inspect}"
      end

      @bulk_pool_size = size
    end

    # Has no effect where the environment says it.
    #
    # @param value [Boolean]
    # @raise [ArgumentError] for anything but true and false
    def recovery=(value)
      Booleans.strict("config.recovery", value)
      @recovery = value unless @recovery_settled
    end

    # @param seconds [Numeric]
    # @raise [ArgumentError] for anything but a positive number
    def recovery_grace=(seconds)
      @recovery_grace = Seconds.positive("config.recovery_grace", seconds)
    end

    private

    def mode_named(word)
      return :on if word.empty?

      mode, = WORDS.find { |_, words| words.include?(word.downcase) }
      raise ArgumentError, "TASKER_CORE: expected on, off or shadow, got #{word.inspect}" if mode.nil?

      mode.to_sym
    end
  end
end
