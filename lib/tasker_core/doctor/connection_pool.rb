# frozen_string_literal: true

require_relative "finding"
require_relative "job_threads"

module TaskerCore
  module Doctor
    # Whether the connection pool of a process suffices for the jobs and steps that run in it at once. A job holds a connection while it
    # runs a task, and so does each of the steps that it runs at once; who waits too long for one fails.
    class ConnectionPool
      # @return [Integer] steps that the engine runs at once for one task whatever the state of the pool
      def self.steps_at_once
        execution = Tasker::Configuration.configuration.execution
        least = Tasker::Orchestration::ConnectionPoolIntelligence::EMERGENCY_FALLBACK_CONCURRENCY
        least.clamp(execution.min_concurrent_steps, execution.max_concurrent_steps_limit)
      end

      # @param pool [ActiveRecord::ConnectionAdapters::ConnectionPool]
      # @param threads [Integer, nil] jobs that a process runs at once; nil where that is not known
      # @param steps [Integer]
      # @param adapter [String] Active Job's
      def initialize(pool: Tasker::ApplicationRecord.connection_pool, adapter: ActiveJob::Base.queue_adapter_name,
                     threads: JobThreads.of(adapter), steps: self.class.steps_at_once)
        @pool = pool
        @adapter = adapter
        @threads = threads
        @steps = steps
      end

      def title = "connections"

      def findings
        return [Finding.fail("a pool of #{size}: a job holds that one, and its steps wait for ever", cure)] if size < 2
        return [Finding.warn("#{wanted}: steps wait for a connection, and fail after #{@pool.checkout_timeout} s", cure)] if size < needed

        [Finding.ok(wanted)]
      end

      private

      def size = @pool.size
      def needed = (@threads || 1) * (1 + @steps)

      def wanted
        jobs = @threads ? "#{@threads} job#{"s" if @threads > 1} at once" : "each job at once (how many those are, #{@adapter} knows)"
        "a pool of #{size} for #{jobs} (#{@adapter}), each with #{@steps} steps: #{needed} may be wanted"
      end

      def cure
        "Give the process `pool: #{needed}` in config/database.yml (often by RAILS_MAX_THREADS), or fewer jobs at once."
      end
    end
  end
end
