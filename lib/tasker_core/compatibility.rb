# frozen_string_literal: true

require_relative "compatibility/reason"
require_relative "compatibility/registered_handler"
require_relative "compatibility/run_ledger"
require_relative "instrumentation"
require_relative "local"

module TaskerCore
  # Explains which code runs a workflow, and why.
  #
  # A run is native unless the application has added something to the classes that run it: methods of the coordinator, the executor, the
  # finalizer or the task handler, or callbacks, validations, types or columns of tasks and steps. Then the engine's own loop runs, and
  # the core answers its questions one by one. Where guards or callbacks were added to a state machine, or something to the models of
  # transitions, the loop is native and the engine's own statements change states. Listeners to events are no reason.
  #
  # A native run has one of two loops. The core's ({WorkflowRun}) takes the fewest statements. It is used where the engine would log and
  # publish nothing between two steps, and nothing of the application takes part in a transition; otherwise the engine's loop runs on
  # snapshots of the task. `core_loop` and `loop_reasons` show which one, and why.
  #
  # The decision is made once a run. It is shown by {TaskerCore.run_stats}, by the notification `run.tasker_core`
  # (`{ task_id:, handler:, native:, reasons:, core_loop:, loop_reasons: }`), by one line at the level INFO for each process, task handler
  # and reason, and by `rails tasker_core:doctor`.
  module Compatibility
    # By {Reason#scope}, what workflows do where there is such a reason.
    EFFECTS = {
      run: "run in the engine's own loop",
      transitions: "change states by the engine's own statements",
      loop: "run natively, but not in the core's loop"
    }.freeze

    # Why the run that begins on this thread is not in the core's loop.
    LOOP_REASONS = Local.new(:tasker_core_loop_reasons)
    private_constant :LOOP_REASONS

    @runs = RunLedger.new

    class << self
      # @return [RunLedger] of this process
      attr_reader :runs

      # All reasons for the workflows of a task handler. O(methods and callbacks of the classes that run a workflow): made for a person, or
      # once a run that is not native.
      #
      # @param task_handler [Tasker::TaskHandler]
      # @param coordinator [Tasker::Orchestration::WorkflowCoordinator]
      # @return [Array<Reason>] none where its runs are native
      # @example
      #   TaskerCore::Compatibility.reasons(OrderTask.new).map(&:to_s)
      #   # => ["OrderTask#get_sequence overrides the engine's method (app/tasks/order_task.rb:12)"]
      def reasons(task_handler, coordinator = task_handler.send(:workflow_coordinator))
        [*of_rust_steps(task_handler), *Frames::Collaborators.reasons(task_handler, coordinator), *of_models(Run::MODELS, :run),
         *of_transitions]
      end

      # Runs the block, which runs a workflow.
      #
      # @param reasons [Array<Reason>] why that is not in the core's loop
      def without_core_loop(reasons, &)
        LOOP_REASONS.with(reasons, &)
      end

      # Records the decision about a run. Nothing is recorded where the gem is off.
      #
      # @param task_id [Integer]
      # @param task_handler [Tasker::TaskHandler]
      # @param coordinator [Tasker::Orchestration::WorkflowCoordinator]
      # @param native [Boolean] what was decided
      # @param core_loop [Boolean] whether it is in the core's loop
      # @return [void]
      def record(task_id, task_handler, coordinator, native:, core_loop: false)
        return unless TaskerCore.active?

        reasons = native ? of_transitions : reasons(task_handler, coordinator)
        loop_reasons = native && !core_loop ? LOOP_REASONS.value.to_a : []
        runs.record(RunLedger::Run.new(task_id:, handler: Reason.name_of(task_handler.class), reasons:, core_loop:, loop_reasons:))
      end

      private

      def of_rust_steps(task_handler)
        return [] unless task_handler.is_a?(RustSteps)

        [Reason.new(subject: Reason.name_of(task_handler.class), problem: "leaves steps to Rust workers")]
      end

      def of_models(models, scope)
        models.flat_map { |model| Stock::Models.additions(model.constantize) }.map { |reason| reason.with(scope:) }
      end

      def of_transitions
        [*of_models(%w[Tasker::TaskTransition Tasker::WorkflowStepTransition], :transitions), *Transitions::Callbacks.reasons]
      end
    end
  end
end
