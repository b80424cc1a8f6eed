# frozen_string_literal: true

module TaskerCore
  module Recovery
    # The end of a step's attempt, written again for a minute while the database is away or read-only, as it is during a failover. The
    # handler's results are in memory meanwhile, and its thread waits.
    module RetriedEndings
      SECONDS = 60
      # What the engine or the core may have set on the step for an end that was not written.
      ATTRIBUTES = %w[attempts in_process last_attempted_at processed processed_at results].freeze

      @pause = 1.0

      class << self
        # @return [Numeric] seconds between two attempts
        attr_accessor :pause

        # @param step [Tasker::WorkflowStep]
        # @yieldreturn [Object, nil] nil if the end could not be written
        # @return [Object, nil] what the block has returned last
        def of(step, &)
          claim = Claims.of(step) if Recovery.on?
          claim&.token && !Native::QueryRunner.transaction_open? ? repeated(step, claim, &) : yield
        end

        private

        def repeated(step, claim)
          before = step.attributes.slice(*ATTRIBUTES)
          deadline = now + SECONDS
          result = yield
          while result.nil? && reachable(claim, deadline) == :open
            step.assign_attributes(before)
            result = yield
            break if condition(claim) == :open # the database can be written to: it was refused for other reasons
          end
          result
        end

        # Waits for the database.
        # @return [Symbol] the {condition} then, or at the deadline
        def reachable(claim, deadline)
          sleep(pause) while (found = condition(claim)) == :away && now < deadline
          found
        end

        # @return [Symbol] `:ended`, `:open`, or `:away` if the database cannot be written to
        def condition(claim)
          Run.suspended do
            Native::QueryRunner.read_only? ? :away : { true => :open, false => :ended }.fetch(claim.stands?)
          end
        rescue ActiveRecord::ActiveRecordError
          :away
        end

        def now
          Process.clock_gettime(Process::CLOCK_MONOTONIC)
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        def complete_step_execution(task, step)
          RetriedEndings.of(step) { MethodPatcher.call_original(Executor, :complete_step_execution, self, task, step) }
        end

        def complete_error_step_execution(task, step)
          RetriedEndings.of(step) { MethodPatcher.call_original(Executor, :complete_error_step_execution, self, task, step) }
        end
      end
    end
  end
end
