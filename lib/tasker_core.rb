# frozen_string_literal: true

require_relative "tasker_core/version"
require_relative "tasker_core/errors"
require_relative "tasker_core/extension"
require_relative "tasker_core/configuration"
require_relative "tasker_core/deprecated"
require_relative "tasker_core/switch"
require_relative "tasker_core/compatibility"
require_relative "tasker_core/override"
require_relative "tasker_core/shadow"
require_relative "tasker_core/railtie" if defined?(Rails::Railtie)

# Answers the dependency resolution and the state transitions of tasker-engine in Rust.
#
# There is nothing to call for that: with the gem in the Gemfile, the engine's own methods give the same answers as
# before. What is here is for looking at it and for switching it off.
module TaskerCore
  autoload :Dashboard, "tasker_core/dashboard"
  autoload :Graph, "tasker_core/graph"
  autoload :RecoveryJob, "tasker_core/recovery_job"
  autoload :RustStep, "tasker_core/rust_step"
  autoload :RustSteps, "tasker_core/rust_steps"

  extend Deprecated

  class << self
    # @return [Configuration] the settings in force
    def configuration
      @configuration ||= Configuration.new
    end

    # @yieldparam configuration [Configuration]
    # @return [Configuration]
    # @example
    #   TaskerCore.configure { |config| config.enabled = false }
    def configure
      yield configuration
      configuration
    end

    # @return [Symbol] the mode here and now, one of {Configuration::MODES}: that of the block around, or else the configuration's;
    #   always `:off` without the extension
    def mode
      return :off unless Extension.loaded?

      Switch.here || configuration.mode
    end

    # Whether Rust answers here and now: the extension is there, the configuration says so, and no {without} is around.
    def active?
      mode == :on
    end

    # Runs the block with the engine's own code, and everything that the engine starts from it, the steps that it runs on other threads
    # included. Threads that the block itself begins are not switched off.
    #
    # @return [Object] what the block returns
    def without(&)
      Switch.put(:off, &)
    end

    # How often each backed method was answered by Rust and by the engine's own code, since the process began or {reset_stats}.
    #
    # @return [Hash{String => Hash{Symbol => Integer}}] by method, `{ rust:, engine: }`; the first is counted in Rust
    def stats
      rust = Extension.loaded? ? Native.answered : {}
      Override.all.to_h { |override| [override.name, { rust: rust.fetch(override.name, 0), engine: override.engine_answers }] }
    end

    # Runs of workflows in this process, since it began or {reset_stats}: native ones, those in the engine's own loop, and the reasons; of
    # the native ones, those in the core's loop, and the reasons of the others.
    #
    # @return [Hash] `native`, `engine`, `core_loop` (Integer), `reasons`, `loop_reasons` (`{ String => Integer }`); see {Compatibility}
    def run_stats
      Compatibility.runs.to_h
    end

    # What has come of the comparisons in the mode `:shadow`, since the process began or {reset_stats}.
    #
    # @return [Hash{String => Hash{Symbol => Integer}}] by method, how many of each kind in {Shadow::Ledger::RESULTS}
    def shadow_stats
      Override.all.to_h { |override| [override.name, Shadow.ledger.counts(override.name)] }
    end

    # Counts from zero again.
    # @return [void]
    def reset_stats
      Native.reset_answered if Extension.loaded?
      Override.all.each(&:reset)
      Shadow.ledger.reset
      Compatibility.runs.reset
      nil
    end
  end
end
