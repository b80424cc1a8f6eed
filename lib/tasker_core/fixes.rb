# frozen_string_literal: true

require_relative "method_patcher"
require_relative "instrumentation"
require_relative "fixes/backoff_overflow"
require_relative "fixes/dynamic_concurrency"
require_relative "fixes/forced_collections"
require_relative "fixes/from_state"
require_relative "fixes/job_at_work"
require_relative "fixes/metrics"
require_relative "fixes/race_loser"
require_relative "fixes/list"
require_relative "fixes/retries"
require_relative "fixes/secondary_database"
require_relative "fixes/stale_transitions"
require_relative "fixes/stranded_steps"
require_relative "fixes/task_completion"
require_relative "fixes/task_runner_job"
require_relative "fixes/telemetry"

module TaskerCore
  # Mends faults of the engine where an application would be stuck, misled or broken by them.
  #
  # A repair is a module of methods that are put in the place of the engine's, as {Frames} are. Each asks {on?} first, each time it is
  # called, and runs the engine's own definition ({MethodPatcher.call_original}) where it is switched off.
  module Fixes
    class << self
      # @param name [Symbol]
      # @return [Boolean] whether that repair acts here and now: the gem is on, and so is the repair
      def on?(name)
        TaskerCore.active? && TaskerCore.configuration.repairs[name]
      end

      # Says what a repair has done, in the log and by {Instrumentation}.
      # @param name [Symbol] the repair's
      # @param level [Symbol] of the line in the log
      # @return [void]
      def note(name, message, level: :info)
        Rails.logger.public_send(level, "tasker-core: repair #{name}: #{message}")
        Instrumentation.tell("repair", repair: name, message:)
      end
    end
  end
end
