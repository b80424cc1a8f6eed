# frozen_string_literal: true

module TaskerCore
  module Fixes
    # The engine's SQL computes `2 ^ attempts` seconds before it takes the 30 seconds that are the most; from 44 attempts on that is no
    # interval any more, and every question about the task raises. The core takes the 30 seconds first.
    #
    # With the repair off, such steps are left to the engine's own code.
    module BackoffOverflow
      # From so many on, the engine's readiness raises.
      TOO_MANY = 44

      class << self
        # @yieldreturn [Enumerable<Integer, nil>] the attempts of the steps in question; only asked for where they matter
        # @return [Boolean] whether the answer is the engine's to give
        def left_to_the_engine?
          !Fix.on?(:backoff_overflow) && yield.any? { |attempts| attempts && attempts >= TOO_MANY }
        end

        # The same for tasks whose steps are not at hand.
        # @param task_ids [Array<Integer>]
        def in_tasks?(task_ids)
          !Fix.on?(:backoff_overflow) && Tasker::WorkflowStep.unscoped.exists?(task_id: task_ids, attempts: TOO_MANY..)
        end
      end
    end
  end
end
