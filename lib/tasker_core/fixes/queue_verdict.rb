# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Whether a queue has taken a job. It may refuse one without an error: a callback throws `:abort`, or the adapter raises
    # `ActiveJob::EnqueueError`; `perform_later` returns false then.
    module QueueVerdict
      # Discards a job that is in conflict with another one. Rails takes that for enqueued; but the job is not given the queue's id.
      SOLID_QUEUE = "ActiveJob::QueueAdapters::SolidQueueAdapter"
      private_constant :SOLID_QUEUE

      class << self
        # @param job [ActiveJob::Base] that was handed to its queue
        # @param before [String, Integer, nil] the queue's id that it had before
        def taken?(job, before: nil)
          return false unless job.successfully_enqueued?

          job.queue_adapter.class.name != SOLID_QUEUE || job.provider_job_id != before || deferred?
        end

        # @param job [ActiveJob::Base, false, nil]
        # @return [String] why it was not taken, as far as the queue has said it
        def reason(job)
          error = job.enqueue_error if job
          error ? "#{error.class}: #{error.message}" : "the queue does not take a job and does not say why"
        end

        private

        # Whether the job is handed over when what is open now is committed.
        def deferred?
          ActiveRecord.all_open_transactions.any?
        end
      end
    end
  end
end
