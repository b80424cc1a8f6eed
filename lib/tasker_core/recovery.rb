# frozen_string_literal: true

require "active_support/fork_tracker"
require_relative "claims"
require_relative "task_jobs"
require_relative "recovery/claim_endings"
require_relative "recovery/engine_hooks"
require_relative "recovery/lock_session"
require_relative "recovery/report"
require_relative "recovery/retried_endings"
require_relative "recovery/sweep"
require_relative "recovery/watcher"
require_relative "recovery/worker"

module TaskerCore
  # Takes up the work of workers that are gone: steps and tasks that are in progress by a process that was killed, or by a thread that was,
  # and pending tasks that no job is going to run.
  #
  # Each process that runs workflows has a {Worker} with a random key, which stands in the metadata of its claims. It holds an advisory lock
  # of that key while it lives. A {Sweep} ends the claims whose worker does not hold its lock. docs/recovery.md describes the protocol.
  module Recovery
    # Microseconds of the clock by which grace periods are measured.
    MONOTONIC = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond) }

    @workers = {}.compare_by_identity
    @mutex = Mutex.new
    @clock = MONOTONIC
    @watching = true

    class << self
      # @return [#call] microseconds; specs let time pass by it
      attr_accessor :clock

      # @return [Boolean] whether workers have a thread of their own; specs do without
      attr_accessor :watching

      # @return [Boolean] whether claims of this process can be recovered by others, and claims of others by it
      def on?
        TaskerCore.active? && TaskerCore.configuration.recovery
      end

      # Begins to watch and sweeps for the first time, if recovery is on and this process has not begun yet. A process does so by itself
      # when it runs its first job; call it where a process of job workers boots, so that it sweeps before that.
      #
      # @return [void]
      def start
        worker.start if on?
        nil
      end

      # Ends claims of dead workers and abandoned claims of this process, and enqueues tasks that no job is going to run.
      #
      # A worker is dead if it does not hold its lock in two sweeps of this process that are `config.recovery_grace` seconds apart. With
      # recovery on, a process makes the second one by itself.
      #
      # @param wait [Boolean] whether to wait for the second sweep, if there are suspects
      # @param dry_run [Boolean] whether to report only what there is to do
      # @return [Report]
      # @raise [ConfigurationError] behind a pooler that gives each transaction another session, and where the gem is off
      # @example
      #   TaskerCore::Recovery.sweep.counts #=> { workers: 1, steps: 2, tasks: 1, enqueued: 1, failed: 0, suspects: 0 }
      def sweep(wait: false, dry_run: false)
        raise ConfigurationError, "recovery: expected the gem to be on, got #{TaskerCore.mode.inspect}" unless TaskerCore.active?

        worker.sweep(wait:, dry_run:)
      end

      # @return [Worker] of this process and the database of the engine's tables
      def worker
        config = Tasker::ApplicationRecord.connection_pool.db_config
        @mutex.synchronize { @workers[config] ||= Worker.new(config) }
      end

      # What stands in the metadata of a claim, for {Claims.marker}.
      # @return [Hash, nil] nil without the lock: such a claim is not recovered by others
      def mark
        return unless on?

        key = worker.key_of_claims
        { "worker" => key.to_s } if key
      end

      # A worker of this process has left a claim that has not ended, for {Claims.abandoned}.
      # @return [void]
      def abandoned
        worker.recover_own if on?
      end

      # A job was refused since its task is in progress. If that is by a dead worker, it is recovered after the grace period.
      # @return [void]
      def refused
        worker.refused if on?
      end

      # Marks the claims of this process with the key of its worker, so that others can recover them.
      # @return [void]
      def mark_claims
        Claims.marker ||= ->(_claim) { Recovery.mark }
        Claims.abandoned ||= ->(_claim) { Recovery.abandoned }
      end

      # Lets go of all workers of this process, for specs and for a process that changes its database.
      # @return [void]
      def stop
        workers = @mutex.synchronize { @workers.values.tap { @workers = {}.compare_by_identity } }
        workers.each(&:stop)
        nil
      end

      # This process is a child: what it has inherited is its parent's. The parent's threads are not here, so no lock is waited for.
      def forked
        workers = @workers.values
        @workers = {}.compare_by_identity
        @mutex = Mutex.new
        workers.each(&:disown)
      end
    end

    ActiveSupport::ForkTracker.after_fork { Recovery.forked }
  end
end
