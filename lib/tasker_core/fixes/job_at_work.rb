# frozen_string_literal: true

require_relative "../local"
require_relative "queue_verdict"

module TaskerCore
  module Fixes
    # The engine's job on whose behalf a workflow runs here.
    class JobAtWork
      CURRENT = Local.new(:tasker_core_job)
      private_constant :CURRENT

      class << self
        # @return [JobAtWork, nil] nil where the application itself runs the workflow
        def current
          CURRENT.value
        end

        def within(job_id, &)
          CURRENT.with(new(job_id), &)
        end

        # @return [Attempts] the jobs that the block has tried to enqueue for that task
        def attempts(task_id, &)
          thread = Thread.current
          jobs = []
          listen = lambda do |*, payload|
            job = payload[:job]
            jobs << job if Thread.current == thread && job.is_a?(Tasker::TaskRunnerJob) && job.arguments.first == task_id
          end
          ActiveSupport::Notifications.subscribed(listen, /\Aenqueue(_at)?\.active_job\z/, &)
          Attempts.new(jobs)
        end
      end

      # Jobs that were handed to a queue.
      Attempts = Data.define(:jobs) do
        # @return [String, nil] the id of the last one that the queue has taken
        def job_id = jobs.reverse.find { |job| QueueVerdict.taken?(job) }&.job_id

        # Whether the queue has accepted none of them. A process with another kind of jobs has tried none of these.
        def refused? = jobs.any? && job_id.nil?

        # @return [String] why, as far as the queue has said it
        def reason = QueueVerdict.reason(jobs.last)
      end

      # @return [String] ActiveJob's id; a job that is retried keeps it
      attr_reader :id

      # @return [Boolean] whether another job will go on with the task
      attr_accessor :continued

      def initialize(id)
        @id = id
        @continued = false
      end

      # For `Tasker::TaskRunnerJob`.
      module Job
        def perform(task_id, correlation_id: nil)
          JobAtWork.within(job_id) { MethodPatcher.call_original(Job, :perform, self, task_id, correlation_id:) }
        end

        # To Active Job, a job whose queue does not take it again was retried all the same. Here it fails with its error, so that the queue
        # keeps it among its failed jobs.
        def retry_job(options = {})
          retried = MethodPatcher.call_original(Job, :retry_job, self, options)
          error = options[:error] if Fix.on?(:retries)
          return retried if error.nil? || (retried && QueueVerdict.taken?(retried, before: provider_job_id))

          Rails.logger.error("tasker-core: repair retries: the queue does not take job #{job_id} again: #{QueueVerdict.reason(retried)}")
          raise error
        end
      end
    end
  end
end
