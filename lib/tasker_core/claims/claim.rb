# frozen_string_literal: true

module TaskerCore
  module Claims
    # One worker's claim of a task or step. Only the worker's own thread changes it.
    class Claim
      # @return [String] `"task"` or `"step"`
      attr_reader :kind

      # @return [Integer]
      attr_reader :id

      # @return [Tasker::Task, Tasker::WorkflowStep] the object that the worker began with
      attr_reader :record

      # @return [Claim, nil] of a step, the claim of its task
      attr_reader :task

      # @return [Claim, nil] the claim around this one on the same thread
      attr_reader :outer

      # @return [Integer] id of the process that made it
      attr_reader :process

      # @return [Thread] the worker
      attr_reader :thread

      # @return [Time, nil] the instant that its transition records; nil before it is sent, and after its end
      attr_reader :sent_at

      # @return [Integer, nil] the id of its transition; nil before the answer, and after its end
      attr_reader :token

      def initialize(kind, record, task: nil, outer: nil)
        @kind = kind
        @record = record
        @id = record.id
        @task = task
        @outer = outer
        @process = Process.pid
        @thread = Thread.current
      end

      # The engine finds a task anew where it ends it.
      def of?(record)
        @record.equal?(record) || (@kind == "task" && record.is_a?(Tasker::Task) && record.id == @id)
      end

      # @return [Boolean] whether its statement was sent, and it has not ended
      def open?
        !@sent_at.nil?
      end

      # @param metadata [Hash] the engine's
      # @return [Hash] the same, and what {Claims.marker} adds
      def marked(metadata)
        mark = Claims.marker&.call(self)
        mark ? metadata.merge(MARK => mark) : metadata
      end

      # The metadata of all claims of a run, this one's included. A mark that differs later is none for this run's claims ({mark_stands?}).
      # @return [String] JSON
      def mark_run
        ActiveSupport::JSON.encode(@run_mark = marked({}))
      end

      # @return [Boolean] whether a claim that is made now would have the metadata of {mark_run}
      def mark_stands?
        @run_mark == marked({})
      end

      # Its statement is about to be sent.
      # @param instant [Time]
      def sending(instant)
        @sent_at = instant
      end

      # The task or step has moved on this worker's behalf: the claim begins, or ends.
      # @param to [String] the state
      # @param token [Integer] the id of the transition
      def moved(to, token)
        to == "in_progress" ? @token = token : over
      end

      # Another claim of this process has taken its place, or it has ended without a transition of this worker's.
      def over
        @sent_at = @token = nil
      end

      # The engine's own code has moved the task or step.
      # @param to [String] the state
      def followed(to)
        name = @kind == "task" ? :task_transitions : :workflow_step_transitions
        rows = @record.association(name).target.select { |row| row.persisted? && row.to_state == to }
        moved(to, rows.max_by(&:sort_key)&.id)
      end

      # Its transition is in the database, and its answer was lost.
      # @param token [Integer]
      def adopted(token)
        @token = token
        @adopted = true
      end

      def adopted?
        @adopted || false
      end

      # The transition is not possible. A claim that this worker has already stays.
      # @param verdict [Symbol] the core's
      def refused(verdict)
        @task.lose if verdict == :task_claim_lost
        @sent_at = nil if @token.nil?
      end

      # @param error [StandardError] with which a claim of one of its steps has failed, on whatever thread
      attr_writer :step_error

      # @return [StandardError, nil] the last of them since this was last asked
      def take_step_error
        @step_error.tap { @step_error = nil }
      end

      # Another worker has claimed the same task since.
      def lose
        @lost = true
      end

      def lost?
        @lost || false
      end

      # The claims that a transition compares.
      # @param to [String] the state to enter
      # @return [Array<Integer, nil>] this one's token, and at the claim of a step that of its task's claim
      def tokens(to)
        [@token, (@task&.token if to == "in_progress")]
      end

      # @return [Boolean] whether the database says that it has not ended
      def stands?
        !@token.nil? && transitions.where(most_recent: true).pick(:id) == @token
      end

      private

      def transitions
        return Tasker::TaskTransition.unscoped.where(task_id: @id) if @kind == "task"

        Tasker::WorkflowStepTransition.unscoped.where(workflow_step_id: @id)
      end
    end
  end
end
