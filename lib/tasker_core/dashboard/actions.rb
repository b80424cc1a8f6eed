# frozen_string_literal: true

require "statesman/exceptions"
require_relative "../errors"
require_relative "../instrumentation"

module TaskerCore
  class Dashboard
    # What visitors may do to tasks and steps: transitions of the engine's machines, and jobs by the engine's re-enqueuer.
    #
    # Each one is logged and published as `dashboard_action.tasker_core`, and the transition's metadata names the visitor.
    class Actions
      # The action is not possible, with a sentence for the visitor.
      class Refused < Error
      end

      # Commands by the states in which they are offered.
      OF_TASK = { "run_again" => %w[pending error], "cancel" => %w[pending in_progress] }.freeze
      OF_STEP = { "retry" => %w[error], "resolve" => %w[pending error], "cancel" => %w[pending in_progress] }.freeze
      # States of a task whose steps can be changed.
      OPEN = %w[pending in_progress error].freeze
      # The job's reason, which the engine publishes with the event.
      REASON = "dashboard"
      FAILURES = [Statesman::TransitionFailedError, Statesman::GuardFailedError, Statesman::TransitionConflictError].freeze
      private_constant :REASON, :FAILURES

      class << self
        # @param state [String] of a task
        # @return [Array<String>]
        def for_task(state) = OF_TASK.select { |_, states| states.include?(state) }.keys

        # @param state [String] of a step
        # @param task_state [String]
        # @return [Array<String>]
        def for_step(state, task_state)
          OPEN.include?(task_state) ? OF_STEP.select { |_, states| states.include?(state) }.keys : []
        end
      end

      # @param by [String] who does it
      # @param from [String] the address of the request
      def initialize(by:, from:)
        @by = by
        @from = from
      end

      # @param task [Tasker::Task]
      # @param command [String] one of {OF_TASK}
      # @raise [Refused]
      def task(task, command)
        audit("task #{task.task_id}", task, command, task_id: task.task_id) do
          refuse(task.status) unless OF_TASK.fetch(command).include?(task.status)
          command == "cancel" ? move(task, "cancelled", command) : enqueue(task)
        end
      end

      # @param step [Tasker::WorkflowStep]
      # @param command [String] one of {OF_STEP}
      # @raise [Refused]
      def step(step, command)
        audit("step #{step.workflow_step_id} of task #{step.task_id}", step, command, task_id: step.task_id,
                                                                                      step_id: step.workflow_step_id) do
          task = step.task
          refuse("#{step.status}, its task #{task.status}") unless self.class.for_step(step.status, task.status).include?(command)
          public_send(:"#{command}_step", step)
          # A worker looks at the steps of a task that is in progress by itself.
          enqueue(task) unless task.status == "in_progress"
        end
      end

      # The attempts count anew, and nothing is waited for.
      # @api private
      def retry_step(step)
        step.class.transaction do
          move(step, "pending", "retry")
          step.update!(attempts: 0, retryable: true, processed: false, in_process: false, backoff_request_seconds: nil)
        end
      end

      # @api private
      def resolve_step(step) = move(step, "resolved_manually", "resolve")

      # @api private
      def cancel_step(step) = move(step, "cancelled", "cancel")

      private

      def move(record, state, command)
        record.state_machine.transition_to!(state, { "dashboard" => { "action" => command, "by" => @by } })
      end

      def enqueue(task)
        return if Tasker::Orchestration::TaskReenqueuer.new.reenqueue_task(task, reason: REASON)

        raise Refused, "The job could not be enqueued: see the log."
      end

      def refuse(state) = raise(Refused, "Not possible any more: it is #{state.tr("_", " ")}.")

      def audit(subject, record, command, **ids)
        before = record.status
        yield
        record_outcome(subject, command, "#{before} → #{record.class.find(record.id).status}", ids)
      rescue *FAILURES => e
        record_outcome(subject, command, "refused: #{e.class}", ids)
        raise Refused, "Not possible any more: #{e.message}"
      rescue Refused => e
        record_outcome(subject, command, "refused: #{e.message}", ids)
        raise
      end

      def record_outcome(subject, command, outcome, ids)
        Rails.logger.info("tasker-core: dashboard: #{@by.inspect} from #{@from}: #{command} #{subject}: #{outcome}")
        Instrumentation.tell("dashboard_action", action: command, by: @by, from: @from, outcome:, **ids)
      end
    end
  end
end
