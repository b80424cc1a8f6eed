# frozen_string_literal: true

require "concurrent/atomic/atomic_boolean"

module TaskerCore
  module WorkflowRun
    # One attempt at a step that is claimed already, on the thread that executes it.
    #
    # The engine's executor makes it ({Batch}). Where the executor would claim the step, it begins by the claim that is there; where it
    # would write the end, the end is written with the claim of the successor.
    class Attempt
      # A claim that is there though its answer was lost. The engine's way ends it.
      Adopted = Data.define(:step_id, :claim, :error) do
        def keep_to_itself = nil
        def abandon = nil
      end

      CURRENT = Local.new(:tasker_core_attempt)
      MARK = :@tasker_core_attempt
      SEAM = "StepExecutor#complete_step_execution"
      # Seconds.
      PAUSE = 1
      TRIES = 10
      private_constant :CURRENT, :MARK, :SEAM, :PAUSE, :TRIES

      class << self
        # @param step [Object]
        # @return [Attempt, nil] the one that this thread makes at that very object
        def of(step)
          attempt = CURRENT.value
          attempt if attempt&.step.equal?(step)
        end

        # Ends a claim whose step cannot be executed.
        # @param execution [Native::StepExecution]
        # @param error [Exception]
        # @return [Native::StepEnd, nil] nil if that could not be written
        def refuse(execution, error)
          id = execution.step_id
          Rails.logger.error("tasker-core: step #{id} fails, for it was not begun: #{error.class}: #{error.message}")
          execution.keep_to_itself
          columns = Columns.failed(execution.attempts, error, now = Time.now)
          Native::QueryRunner.run(execution.finish(SEAM, "error", columns, Native::TimestampCodec.to_micros(now)), "WorkflowStep Update")
        rescue StandardError => e
          Rails.logger.error("tasker-core: step #{id} may be in progress for ever: #{e.class}: #{e.message}")
          nil
        end

        # Runs the block as the attempt at a step, if it is one.
        # @param step [Object]
        # @return [Object, nil] what the block returns; nil if another thread makes that attempt
        def within(step, &)
          return yield unless step.instance_variable_defined?(MARK)

          step.instance_variable_get(MARK).make(&)
        end
      end

      # @return [Tasker::WorkflowStep]
      attr_reader :step

      # @return [Time, nil] the instant that its end records
      attr_reader :ended_at

      # @return [Claims::Expectation, nil] of its end, which may have claimed the successor
      attr_reader :expectation

      # @param execution [Native::StepExecution, Adopted]
      # @param step [Tasker::WorkflowStep]
      # @param claimed_at [Time] the instant that the claim has recorded
      def initialize(execution, step, claimed_at)
        @execution = execution
        @step = step
        @claimed_at = claimed_at
        @entered = Concurrent::AtomicBoolean.new
        @begun = Concurrent::Event.new
        @written = Concurrent::Event.new
        @reserved = Claims.reserve(step, claimed_at, execution.claim)
        step.instance_variable_set(MARK, self)
      end

      # @return [Boolean] whether a thread executes the step, or has
      def entered?
        @entered.true?
      end

      def wait_until_entered
        @begun.wait
      end

      # Runs the block, which executes the step. Whatever becomes of it, the step does not stay claimed without having been begun.
      # @return [Object, nil] what the block returns; nil if another thread makes this attempt
      def make(&)
        return unless @entered.make_true

        @begun.set
        @step.remove_instance_variable(MARK)
        CURRENT.with(self) { made(&) }
      end

      # Executes the step on a future of its own, which waits for a connection as long as it takes.
      # @param executor [Tasker::Orchestration::StepExecutor]
      # @param arguments [Array] task, sequence and the task's handler
      def start_again(executor, (task, sequence, task_handler))
        interruptible_future do
          connected { executor.execute_single_step(task, sequence, @step, task_handler) }
        end
      end

      # Takes the place of the engine's transition to in progress.
      # @param executor [Tasker::Orchestration::StepExecutor]
      def begin(executor)
        follow(executor, "pending", "in_progress") do
          @claim = Claims.of(@step)
          @claim.sending(@claimed_at)
          @claim.moved("in_progress", @execution.claim)
          listed
          raise @execution.error if @execution.is_a?(Adopted) && @execution.error
        end
      end

      # Takes the place of the engine's transition of a failed step to pending.
      # @param executor [Tasker::Orchestration::StepExecutor]
      def try_again(executor)
        follow(executor, "error", "pending")
      end

      # Writes the end, with the claim of the successor where nobody is told of anything in between.
      #
      # @param to_state [String] `"complete"` or `"error"`
      # @param columns [String] of the step's row to write, as JSON
      # @param at [Time]
      # @return [Array, nil] nil if the claim was lost, or the end is the engine's to refuse
      def finish(override, to_state, columns, at)
        @execution.keep_to_itself unless joins_successor?
        @expectation ||= Claims.expect(@step.task_id) if @execution.successor
        @ended_at = at
        ended = written(override, to_state, columns, Native::TimestampCodec.to_micros(at))
        return if ended.kind == :claim_lost

        @ended = ended
        []
      ensure
        settle
      end

      # Whether the core can write its end.
      def ends_alone?
        !@execution.is_a?(Adopted) && !Transitions::Storage.history(@step).loaded?
      end

      # @return [Native::StepEnd, nil] how it has ended; of a step that is not waited for any more, that. Nil if that cannot be found out
      def end_or_leave
        @ended || @execution.abandon || begin
          @written.wait # for the end that is being written with the claim of the successor
          @ended || @execution.abandon || end_in_doubt
        end
      end

      private

      def joins_successor?
        Stock::Listeners.empty? && !Native::QueryRunner.transaction_open? && @claim.task&.mark_stands?
      end

      # Otherwise the run settles it, once the successor is listed.
      def settle
        Claims.settle(@expectation) if @expectation && @execution.successor.nil?
      end

      # The claim of this thread has taken the place of the one that was listed before it began.
      def listed
        @reserved.over
        Claims.release(@reserved)
      end

      # A thread of the pool inherits what may interrupt the one that begins it. This one may not be interrupted, and the pool's outlive it.
      def interruptible_future(&)
        Thread.new { Thread.handle_interrupt(Object => :immediate) { Concurrent::Future.execute(&) } }.value
      end

      def connected(&)
        ActiveRecord::Base.connection_pool.with_connection(&)
      rescue ActiveRecord::ConnectionTimeoutError => e
        raise if entered?

        Rails.logger.warn("tasker-core: step #{@step.workflow_step_id} waits for a connection: #{e.message.lines.first&.chomp}")
        sleep(PAUSE)
        retry
      end

      def made
        yield
      rescue Exception => e # rubocop:disable Lint/RescueException -- raised again
        @error = e
        raise
      ensure
        fail_unbegun unless @claim || @execution.is_a?(Adopted)
        @written.set
      end

      # What follows a transition that is written already.
      def follow(executor, from, to)
        Rails.logger.debug do
          "#{executor.class.name}: Transitioning #{@step.class.name} #{@step.id} from #{from} to #{to}"
        end
        yield if block_given?
        Override["StepStateMachine#transition_to!"].answered
        machine = @step.state_machine
        Transitions::Transition.begun(machine, from, to)
        machine.reset
      end

      def written(override, to_state, columns, micros)
        Native::QueryRunner.run(@execution.finish(override.name, to_state, columns, micros), "WorkflowStep Update")
      rescue InternalError
        raise
      rescue StandardError => e
        raise unless Transitions::LostResponse.possible?(e)

        @doubt = -> { Native::QueryRunner.run(@execution.finish_again(override.name, to_state, columns, micros), "WorkflowStep Update") }
        @doubt.call.tap { Transitions::LostResponse.note("step", @step.workflow_step_id, to_state, e) }
      end

      # The end may have been written, and its successor claimed, when the connection broke; the database may be away for a moment.
      def end_in_doubt
        return unless @doubt

        TRIES.times do
          return @ended = @doubt.call
        rescue ActiveRecord::ActiveRecordError
          sleep(PAUSE)
        end
        nil
      end

      # The engine leaves such a step pending, where it would be tried again; it is in progress here, and nothing leads back from there.
      def fail_unbegun
        error = @error || Tasker::ProceduralError.new("Step #{@step.workflow_step_id} was left before its handler was called")
        @ended = Attempt.refuse(@execution, error)
        Run.current&.learn("step", @step.workflow_step_id, "error")
      ensure
        @reserved.over if @ended
        Claims.release(@reserved)
      end
    end
  end
end
