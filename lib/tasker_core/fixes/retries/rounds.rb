# frozen_string_literal: true

require_relative "../../local"

module TaskerCore
  module Fixes
    module Retries
      # The rounds of a workflow's loop, which must get somewhere.
      #
      # A round in which a step was run leaves a trace on that step's row: an attempt more, a later `updated_at`. If the next round begins
      # with the very rows that the last one began with, nothing was run, and going round again would not help.
      #
      # Unless the database has refused the claims for now: a server that is away or read-only for some seconds, a deadlock, a timeout, an
      # id that is taken, since a sequence is behind after a restore. Then the loop goes on, as the engine's does, but with a pause in each
      # round and for {PATIENCE} at the most.
      class Rounds
        # Seconds.
        PATIENCE = 10
        PAUSE = 0.1
        CURRENT = Local.new(:tasker_core_rounds)
        private_constant :CURRENT

        class << self
          # @return [Rounds, nil] of the loop that runs here
          def current
            CURRENT.value
          end

          # @param rounds [Rounds, nil]
          def of(rounds, &)
            CURRENT.with(rounds, &)
          end
        end

        # The loop was ended with steps that are ready and cannot be claimed.
        def stuck
          @stuck = true
        end

        # @return [Boolean] whether the loop was ended because it got nowhere
        def stuck?
          @stuck ? true : false
        end

        # @param steps [Enumerable<Tasker::WorkflowStep>] those that a round would run
        # @return [Boolean] whether they are others than those of the round before, or may yet be claimed
        def progress?(task, steps)
          return true unless steps.all?(Tasker::WorkflowStep) # what stands in the place of steps has no rows

          @stuck = same?(steps) && !later?(task)
          Fix.note(:retries, "task #{task.task_id} gets nowhere with steps #{@rows.map(&:first).join(", ")}; its loop ends") if @stuck
          !@stuck
        end

        private

        def same?(steps)
          before = @rows
          @rows = steps.map { |step| [step.workflow_step_id, step.attempts, step.updated_at] }.sort_by(&:first)
          same = @rows.any? && @rows == before
          @refused_since = nil unless same
          same
        end

        # Waits a moment where the database may take a claim later that it has just refused.
        # @return [Boolean] whether it may
        def later?(task)
          error = Claims.of(task)&.take_step_error
          return false unless error && for_now?(error)

          @refused_since ||= now
          return false if now - @refused_since > PATIENCE

          pause
          true
        end

        def for_now?(error)
          case error
          when ActiveRecord::QueryAborted, ActiveRecord::LockWaitTimeout, ActiveRecord::TransactionRollbackError,
               ActiveRecord::ConnectionNotEstablished, ActiveRecord::RecordNotUnique
            true
          else error.cause.is_a?(PG::ReadOnlySqlTransaction)
          end
        end

        def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        def pause = sleep(PAUSE)
      end
    end
  end
end
