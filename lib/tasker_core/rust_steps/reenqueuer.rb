# frozen_string_literal: true

module TaskerCore
  module RustSteps
    # The engine's re-enqueuer, which makes jobs for steps of Rails only and notifies Rust workers of theirs. Otherwise a task whose next
    # step is theirs would be enqueued again and again.
    class Reenqueuer < Tasker::Orchestration::TaskReenqueuer
      def reenqueue_task(task, reason: Tasker::Constants::TaskFinalization::ReenqueueReasons::PENDING_STEPS_REMAINING)
        continue(task, 0, reason) { super }
      end

      def reenqueue_task_delayed(task, delay_seconds:, reason: Tasker::Constants::TaskFinalization::ReenqueueReasons::RETRY_BACKOFF)
        continue(task, delay_seconds, reason) { super }
      end

      private

      # @yield the engine's method with the arguments given
      # @return [Boolean] whether the task goes on
      def continue(task, delay, reason, &)
        outlook = Outlook.new(task.task_id, RustSteps.names(handler_of(task)))
        RustSteps.notify(task.task_id) if outlook.rust_ready?
        return yield if outlook.rails_ready? || !outlook.rust_continues?

        wait = outlook.rails_wait
        return true unless wait

        Tasker::Orchestration::TaskReenqueuer.new.reenqueue_task_delayed(task, delay_seconds: [wait, delay].max, reason:)
      end

      def handler_of(task)
        Tasker::HandlerFactory.instance.get(task.name, namespace_name: task.namespace_name, version: task.version)
      end
    end
  end
end
