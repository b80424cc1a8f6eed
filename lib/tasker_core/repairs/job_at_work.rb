# frozen_string_literal: true

require_relative "../local"

module TaskerCore
  module Repairs
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

        # @return [String, nil] the id of the job that the block has enqueued for that task
        def enqueued(task_id, &)
          thread = Thread.current
          job_id = nil
          listen = lambda do |*, payload|
            job = payload[:job]
            job_id = job.job_id if Thread.current == thread && job.is_a?(Tasker::TaskRunnerJob) && job.arguments.first == task_id
          end
          ActiveSupport::Notifications.subscribed(listen, /\Aenqueue(_at)?\.active_job\z/, &)
          job_id
        end
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
          JobAtWork.within(job_id) { InPlace.engine(Job, :perform, self, task_id, correlation_id:) }
        end
      end
    end
  end
end
