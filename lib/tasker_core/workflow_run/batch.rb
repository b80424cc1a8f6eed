# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # Steps that are executed at the same time, each on a future of its own. The engine makes the futures, and waits for them: it takes this
    # for the steps of a wave, which are one slice.
    class Batch
      # @return [Integer] the number of steps that have succeeded
      attr_reader :succeeded

      # @param attempts [Array<Attempt>]
      def initialize(attempts)
        @attempts = attempts
        @succeeded = 0
      end

      # @return [Integer] the number of steps
      def size
        @attempts.size
      end

      # Executes the steps, and waits for them as long as the engine does. Whatever is to end this thread may do so here. The threads that
      # are begun here inherit that, so that what they execute can be interrupted, too.
      #
      # @param executor [Tasker::Orchestration::StepExecutor]
      # @param arguments [Array] task, sequence and the task's handler
      # @return [Array<Tasker::WorkflowStep>] those whose handlers have succeeded
      def execute(executor, task, sequence, task_handler)
        steps = Thread.handle_interrupt(Object => :immediate) do
          MethodPatcher.call_original(Frames::Executor, :execute_steps_concurrently, executor, task, sequence, self, task_handler)
        end
        steps += started_again(executor, task, [task, sequence, task_handler]) unless @attempts.all?(&:entered?)
        waited = true
        @succeeded = steps.size
        steps
      ensure
        start_again(executor, [task, sequence, task_handler]) unless waited
      end

      # For the engine.
      def each_slice(_size)
        yield @attempts.map(&:step)
      end

      # @return [Time, nil] when the end of a single step was written
      def ended_at
        @attempts.first.ended_at
      end

      # @return [Array<Native::StepEnd, nil>] one a step; nil where there is none and there will be none
      def ends
        @attempts.map(&:end_or_leave)
      end

      # @return [Array<Claims::Expectation>] of ends that may have claimed a successor
      def expectations
        @attempts.filter_map(&:expectation)
      end

      private

      # A future that got no connection, or that the engine has cancelled before it was begun, leaves a step that is claimed.
      # @return [Array<Concurrent::Future>]
      def start_again(executor, arguments)
        @attempts.reject(&:entered?).map { |attempt| attempt.start_again(executor, arguments) }
      end

      # Others may wait for the connection of this thread, which waits for theirs.
      def started_again(executor, task, arguments)
        futures = start_again(executor, arguments)
        Thread.handle_interrupt(Object => :immediate) do
          pool = ActiveRecord::Base.connection_pool
          pool.release_connection unless Native::QueryRunner.transaction_open?
          @attempts.each(&:wait_until_entered)
          executor.send(:collect_results_with_timeout, futures, futures.size, task.task_id).compact
        end
      end
    end
  end
end
