# frozen_string_literal: true

namespace :tasker_core do
  desc "Compare the engine's answers with the core's, read-only, for all tasks (or TASKS=1,2 SINCE=2026-01-31 LIMIT=1000; TIMEOUT=10)"
  task verify: :environment do
    require "tasker_core/verification/command"
    exit TaskerCore::Verification::Command.new(ENV, $stdout, $stderr).run
  end
end
