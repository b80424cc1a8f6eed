# frozen_string_literal: true

namespace :tasker_core do
  desc "Take up the work of workers that are gone (waits for the grace period if there are suspects); DRY_RUN=1 changes nothing"
  task recover: :environment do
    require "tasker_core/recovery/command"
    exit TaskerCore::Recovery::Command.new(ENV, $stdout, $stderr).run
  end
end
