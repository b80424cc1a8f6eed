# frozen_string_literal: true

module TaskerCore
  # Sweeps ({Recovery.sweep}), for a recurring schedule; docs/recovery.md has a line for each of the usual queues.
  class RecoveryJob < ActiveJob::Base
    queue_as { Tasker::TaskRunnerJob.queue_name }

    # @return [void]
    def perform
      Recovery.sweep if TaskerCore.active?
    end
  end
end
