# frozen_string_literal: true

require_relative "rust_steps/application_tasks"
require_relative "rust_steps/coordinator"
require_relative "rust_steps/handover"
require_relative "rust_steps/outlook"
require_relative "rust_steps/reenqueuer"

module TaskerCore
  # Leaves steps of a task to Rust workers: include it in the task handler, and name {RustStep} as the handler class of these steps. The
  # task runs in Rails until only such steps can go on. Then it is pending, and Rust workers are notified. When these come to a step of
  # Rails, they make it pending, and Rails enqueues the engine's job. docs/rust.md has an example.
  #
  # It needs `config.recovery` (Rails receives handed-over tasks on the session of its lock) and the fix `retries`, which is on by default.
  module RustSteps
    # The channel on which tasks are named that others can go on with; the payload is the id. Rust workers use the same.
    CHANNEL = "tasker_core_handover"

    # Ahead of the engine's methods, in whichever order the modules are included.
    module Strategies
      def workflow_coordinator_strategy = @workflow_coordinator_strategy || Coordinator
      def reenqueuer_strategy = @reenqueuer_strategy || Reenqueuer
    end

    class << self
      def included(task_handler)
        super
        task_handler.prepend(Strategies)
      end

      # @param task_handler [Tasker::TaskHandler]
      # @return [Array<String>] names of the steps that Rust workers execute
      def names(task_handler)
        return [] unless task_handler.is_a?(RustSteps)

        task_handler.step_templates.select { |template| template.handler_class <= RustStep }.map(&:name)
      end

      # Wakes the workers that execute the task's next steps.
      # @param task_id [Integer]
      # @return [void]
      def notify(task_id)
        Tasker::ApplicationRecord.connection.execute("NOTIFY #{CHANNEL}, '#{Integer(task_id)}'")
      end
    end
  end
end
