# frozen_string_literal: true

module TaskerCore
  module RustSteps
    # Who can go on with a task: Rails workers, Rust workers, both, and when.
    class Outlook
      # @param task_id [Integer]
      # @param names [Array<String>] of steps that Rust workers execute
      def initialize(task_id, names)
        retryable = Tasker::WorkflowStep.unscoped.where(task_id:, retryable: true).pluck(:workflow_step_id)
        steps = Tasker::StepReadinessStatus.for_task(task_id).select { |step| retryable.include?(step.workflow_step_id) }
        @rust, @rails = steps.partition { |step| names.include?(step.name) }
      end

      def rails_ready? = @rails.any?(&:ready_for_execution)
      def rust_ready? = @rust.any?(&:ready_for_execution)

      # @return [Integer, nil] seconds until a step of Rails is retried; nil if none waits for that
      def rails_wait = wait(@rails)

      # @return [Boolean] whether Rust workers have a step to execute, now or after its wait
      def rust_continues? = rust_ready? || !wait(@rust).nil?

      private

      def wait(steps)
        waits = steps.select { |step| waits?(step) }.map { |step| step.next_retry_at - Time.current }
        waits.select(&:positive?).min&.ceil
      end

      def waits?(step)
        !step.ready_for_execution && step.dependencies_satisfied && step.retry_eligible && step.next_retry_at &&
          %w[pending error].include?(step.current_state)
      end
    end
  end
end
