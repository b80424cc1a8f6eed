# frozen_string_literal: true

require_relative "local"
require_relative "claims/claim"
require_relative "claims/lost_error"
require_relative "claims/step_executor"
require_relative "claims/task_handler"

module TaskerCore
  # The claims that the workers of this process have on tasks and steps.
  #
  # A claim is the transition to `in_progress` that a worker wrote, and the id of that row is its token. The end of an attempt compares the
  # token with the step's most recent transition; claims of steps and changes of a task that is in progress compare the token of the
  # task's claim. A worker whose claim has been taken over, for example while its process was stopped, is refused.
  #
  # A claim is listed before its statement is sent, has its token from the answer on, and is removed when it ends: by the transition that
  # ends it, by a refusal, or when the worker leaves the step or task without one. So a claim that this process has written and does not
  # list has been abandoned.
  #
  # A run of the core's loop claims steps before their threads begin. The task of such a statement is listed ({expect}) from before it is
  # sent until each of its claims is listed ({reserve}), and these until the thread that executes the step holds its own.
  module Claims
    # The one key of a transition's metadata under which {marker} adds something.
    MARK = "tasker_core"

    INNERMOST = Local.new(:tasker_core_claim)
    private_constant :INNERMOST

    # A statement of this process that may claim steps of a task.
    Expectation = Data.define(:task_id, :process)

    # Claims of the workers at work, sent or not.
    @held = {}.compare_by_identity
    # Statements that may claim steps, whose claims are not listed yet.
    @expected = {}.compare_by_identity
    @mutex = Mutex.new

    class << self
      # Adds metadata to the transitions of claims, under {MARK}. It is called with each claim before its statement is sent. Without
      # one, nothing is added.
      #
      # @example
      #   TaskerCore::Claims.marker = ->(claim) { { "worker" => key, "kind" => claim.kind } }
      # @return [#call, nil] takes a {Claim}; returns a Hash, or nil to add nothing
      attr_accessor :marker

      # Is called with each claim that a worker leaves before it has ended: its thread was killed, or the end could not be written.
      # @return [#call, nil] takes a {Claim}
      attr_accessor :abandoned

      # @return [Array<Claim>] the claims of this process that were sent and have not ended; a child process begins without any
      def open
        holding.select(&:open?)
      end

      # Runs the block as one worker's run of a task, or attempt at a step. The transitions to `in_progress` of that task or step that it
      # makes on this thread are its claims.
      #
      # @param record [Tasker::Task, Tasker::WorkflowStep] anything else is not held
      # @param task [Tasker::Task, nil] of a step, the very object with which the run of its task began
      # @yieldparam claim [Claim, nil]
      def hold(record, task = nil)
        kind = kind_of(record)
        return yield if kind.nil?

        claim = Claim.new(kind, record, task: task && of_object(task), outer: INNERMOST.value)
        list(claim)
        INNERMOST.with(claim) { yield claim }
      ensure
        release(claim) if claim
      end

      # @param record [Object] a step only as the very object that its worker began with; other objects of it belong to other code
      # @return [Claim, nil] that the worker on this thread has, or is about to send
      def of(record)
        claim = INNERMOST.value
        claim = claim.outer until claim.nil? || claim.of?(record)
        claim
      end

      # A statement that may claim steps of the task is about to be sent.
      # @param task_id [Integer]
      # @return [Expectation] to be settled once its claims are listed one by one, or there are none
      def expect(task_id)
        Expectation.new(task_id, Process.pid).tap { |expectation| @mutex.synchronize { @expected[expectation] = true } }
      end

      # @param expectation [Expectation]
      # @return [void]
      def settle(expectation)
        @mutex.synchronize { @expected.delete(expectation) }
      end

      # @return [Array<Integer>] the tasks of which this process may have claims that it does not list
      def expected_tasks
        @mutex.synchronize { @expected.keys }.select { |expectation| expectation.process == Process.pid }.map(&:task_id)
      end

      # Lists a claim whose step no thread executes yet.
      # @param step [Tasker::WorkflowStep]
      # @param sent_at [Time]
      # @param token [Integer]
      # @return [Claim] to be released
      def reserve(step, sent_at, token)
        Claim.new("step", step).tap do |claim|
          claim.sending(sent_at)
          claim.moved("in_progress", token)
          list(claim)
        end
      end

      # Removes a claim, which is reported as abandoned if it has not ended.
      # @param claim [Claim]
      # @return [void]
      def release(claim)
        @mutex.synchronize { @held.delete(claim) }
        abandoned&.call(claim) if claim.open?
      end

      private

      def list(claim)
        @mutex.synchronize { @held[claim] = true }
      end

      def kind_of(record)
        case record
        when Tasker::Task then "task"
        when Tasker::WorkflowStep then "step"
        end
      end

      # The threads of steps have their task's claim by the object that the engine hands on.
      def of_object(task)
        holding.find { |claim| claim.record.equal?(task) }
      end

      def holding
        @mutex.synchronize { @held.keys }.select { |claim| claim.process == Process.pid }
      end
    end
  end
end
