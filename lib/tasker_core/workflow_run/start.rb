# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # The start of a task: its claim, and what the engine says of it.
    class Start
      # @return [Native::WorkflowRun]
      attr_reader :native

      # @return [Array, nil] the first request after the start; nil where the engine's loop has to go on
      attr_reader :request

      # @return [Time] the instant that the request records
      attr_reader :next_at

      # @param task [Tasker::Task]
      # @param run [Run]
      # @param executor [Tasker::Orchestration::StepExecutor]
      def initialize(task, run, executor)
        @task = task
        @run = run
        @executor = executor
        @claim = Claims.of(task)
      end

      # @yieldparam question [Array] to be asked
      # @yieldreturn [Array<Array>] rows
      # @return [Boolean] false if nothing was written
      def call(&)
        @native = Native::WorkflowRun.start(@task.task_id, options)
        @native.distinct_to = @run.distinct_to(@task.task_id)
        send_start(&)
        announce if @claim.token
        !@claim.token.nil?
      end

      private

      def options
        metadata = @claim.mark_run
        @executor.max_concurrent_steps # for the engine's log line of a round
        { slots: @executor.max_concurrent_steps, records: true, ends_task: false, retries: Fix.on?(:retries), claim_metadata: metadata,
          task_metadata: metadata }
      end

      def send_start
        @at = Time.now
        @claim.sending(@at)
        _, question = @native.resume(nil, Native::TimestampCodec.to_micros(@at))
        rows = yield question
        @request = @native.resume(rows, Native::TimestampCodec.to_micros(@next_at = Time.now))
        take(@native.claim)
      rescue StandardError => e
        take(found_after(e))
      end

      # What was written though the connection broke is the engine's loop to go on with. An error of the application undoes the start, as
      # that of the engine's transaction does.
      # @return [Integer, nil]
      def found_after(error)
        @request = nil
        found = Transitions::LostResponse.find("task", @task.task_id, "in_progress", @at) if Transitions::LostResponse.possible?(error)
        return unless found

        undo(found.first, error) unless Transitions::LostResponse.disconnected?(error)
        Transitions::LostResponse.note("task", @task.task_id, "in_progress", error)
        found.first
      end

      def undo(token, error)
        @claim.adopted(token)
        Rails.logger.error do
          "Tasker::Orchestration::TaskInitializer: Failed to transition #{@task.class.name} #{@task.id} to in_progress: #{error.message}"
        end
        @task.state_machine.transition_to("pending")
        raise error
      end

      def take(token)
        token ? @claim.moved("in_progress", token) : @claim.refused(:not_started)
      end

      # What follows a task's start in the engine.
      def announce
        @run.definitions.equip(@task)
        initializer = Tasker::Orchestration::TaskInitializer.new
        Rails.logger.debug { "#{initializer.class.name}: Transitioning #{@task.class.name} #{@task.id} from pending to in_progress" }
        Override["TaskStateMachine#transition_to!"].answered
        machine = @task.state_machine
        Transitions::Transition.begun(machine, "pending")
        machine.reset
        @task.context = ActiveSupport::HashWithIndifferentAccess.new(@task.context)
        initializer.publish_task_started(@task, task_context: @task.context)
      end
    end
  end
end
