# frozen_string_literal: true

require_relative "fix"
require_relative "method_patcher"
require_relative "fixes/backoff_overflow"
require_relative "fixes/dynamic_concurrency"
require_relative "fixes/forced_collections"
require_relative "fixes/job_at_work"
require_relative "fixes/metrics"
require_relative "fixes/race_loser"
require_relative "fixes/retries"
require_relative "fixes/secondary_database"
require_relative "fixes/stale_transitions"
require_relative "fixes/stranded_steps"
require_relative "fixes/task_completion"
require_relative "fixes/task_runner_job"
require_relative "fixes/telemetry"

module TaskerCore
  # Corrected faults of the engine, where it would leave an application stuck, misled or broken.
  #
  # A fix is a module of methods, which {Engine::Registry} puts on an engine class. Each asks {Fix.on?} at every call, and runs the
  # engine's own definition ({MethodPatcher.call_original}) if the fix is off.
  module Fixes
  end
end
