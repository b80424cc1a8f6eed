# frozen_string_literal: true

require "monitor"

module TaskerCore
  module Recovery
    # This process, as the claims in one database name it.
    class Worker
      # @return [Integer] 64 random bits, signed as PostgreSQL's advisory locks are
      attr_reader :key

      # @return [ActiveRecord::DatabaseConfigurations::HashConfig]
      attr_reader :config

      def initialize(config)
        @config = config
        @key = SecureRandom.random_number(1 << 64) - (1 << 63)
        @monitor = Monitor.new
        @session = nil
        @locked = false
        @suspects = []
        @role = Tasker::ApplicationRecord.current_role
        @shard = Tasker::ApplicationRecord.current_shard
        @watcher = Watcher.new(self)
      end

      # Takes the lock and begins to watch, with a first sweep.
      def start
        return if @watcher.running?

        hold
        @watcher.start
        @watcher.sweep_at(Recovery.clock.call)
      end

      # @return [Integer, nil] the key for a claim, if the lock is held; otherwise the claim must not be recovered by others
      def key_of_claims
        start
        hold unless held?
        @key if held?
      end

      # @return [Boolean] whether this worker holds its lock, as far as it can see
      def held?
        @locked
      end

      # Opens the session and takes the lock, if it does not hold it. It tries once a second, and logs the first failure.
      # @return [Boolean] whether the lock is held
      def hold
        @monitor.synchronize do
          return true if @locked
          return false if @tried_at && Recovery.clock.call < @tried_at + Watcher::PAUSE_MICROS

          @tried_at = Recovery.clock.call
          @locked = session.lock(@key)
        end
      rescue StandardError => e
        lost
        log_failure(e)
        false
      end

      # The session is over. Whoever was suspected may have lost its lock in the same way.
      def lost
        @monitor.synchronize do
          @locked = false
          @suspects = []
          @session&.close
          @session = nil
        end
      end

      # @return [LockSession]
      def session
        @monitor.synchronize { @session ||= LockSession.open(@config).tap { @suspects = [] } }
      end

      # @return [Report]
      def sweep(wait: false, dry_run: false)
        report = Sweep.new(self, dry_run:).call
        if wait && report.suspects.any?
          sleep(TaskerCore.configuration.recovery_grace)
          report += Sweep.new(self, dry_run:).call
        end
        @watcher.sweep_again(report) if @watcher.running? && !dry_run
        report
      end

      # Observes which workers do not hold their lock.
      # @return [Array<Integer>, nil] the dead ones; nil on a replica, or if the session was lost
      def observe
        @monitor.synchronize do
          unlocked = session.converse(Native::Conversation.unlocked_workers("Recovery.sweep", @key))
          return lost && nil if unlocked.nil?

          grace = (TaskerCore.configuration.recovery_grace * 1_000_000).to_i
          @suspects, dead = Native.observe_workers(@suspects, unlocked, Recovery.clock.call, grace)
          dead
        end
      rescue ConfigurationError
        raise
      rescue StandardError => e
        lost
        log_failure(e)
        nil
      end

      # @return [Array<Integer>] keys of workers that did not hold their lock when they were last observed
      def suspects
        @suspects.map(&:first)
      end

      # Abandoned claims of this process are to be ended as soon as the database lets it.
      def recover_own
        start
        @watcher.recover_own
      end

      # A job was refused: observes now, and has a job sweep after the grace period, in case that this process is gone by then.
      def refused
        start
        @watcher.sweep_at(Recovery.clock.call)
        @monitor.synchronize do
          now = Recovery.clock.call
          return if @job_at && now < @job_at

          @job_at = now + (TaskerCore.configuration.recovery_grace * 1_000_000).to_i
        end
        RecoveryJob.set(wait: TaskerCore.configuration.recovery_grace.ceil).perform_later
      rescue NotImplementedError, StandardError => e
        Rails.logger.error("tasker-core: recovery: no job could be enqueued: #{e.class}: #{e.message}")
      end

      # Runs the block against the database that this worker is of, with what Rails wants around work on a thread of one's own.
      def within(&block)
        Rails.application.executor.wrap { ActiveRecord::Base.connected_to(role: @role, shard: @shard, &block) }
      end

      def stop
        @watcher.stop
        lost
      end

      # In a child process.
      def disown
        @session&.disown
      end

      private

      def log_failure(error)
        text = "#{error.class}: #{error.message.lines.first&.chomp}"
        return if text == @logged

        @logged = text
        Rails.logger.error("tasker-core: recovery: this process does not hold its lock, so its claims are not recovered by others: #{text}")
      end
    end
  end
end
