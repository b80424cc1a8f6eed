# frozen_string_literal: true

# The two owners of state machines, for examples that hold for both.
#
#   it_behaves_like_both "a machine …"    # inside: owner(*states), machine (the class), overrides
module MachineExamples
  KINDS = { "task" => Tasker::StateMachine::TaskStateMachine, "step" => Tasker::StateMachine::StepStateMachine }.freeze

  # Helpers inside the shared examples.
  module Helpers
    # @return [Tasker::Task, Tasker::WorkflowStep] with that history, whose guards let it pass
    def owner(*states, **columns)
      task = make_task(*(kind == "task" ? states : ["in_progress"]), **(kind == "task" ? columns : {}))
      parent = make_step(task, "a", "complete")
      kind == "task" ? task : make_step(task, "b", *states, parents: [parent], **columns)
    end

    # @return [Tasker::Task, Tasker::WorkflowStep] the same, with a history written by hand
    def owner_with(states, **history)
      owner.tap { |owner| make_history(owner, *states, **history) }
    end

    def transitions_of(owner)
      kind == "task" ? owner.task_transitions : owner.workflow_step_transitions
    end

    def transition_model
      kind == "task" ? Tasker::TaskTransition : Tasker::WorkflowStepTransition
    end

    def override(method)
      "#{machine.name.demodulize}##{method}"
    end

    # A state that a pending owner may enter without a guard being asked.
    def free_state
      "cancelled"
    end

    # The state whose guard the engine judges, and a state from which it can be reached.
    def guarded_state
      kind == "task" ? "complete" : "in_progress"
    end

    # @return [Tasker::Task, Tasker::WorkflowStep] one whose guard does not let it pass to {guarded_state}
    def guarded_owner
      task = make_task("in_progress")
      parent = make_step(task, "a", "in_progress")
      kind == "task" ? task : make_step(task, "b", parents: [parent])
    end
  end

  def it_behaves_like_both(examples)
    KINDS.each do |kind, machine|
      describe machine.name do
        it_behaves_like examples do
          include Helpers

          let(:kind) { kind }
          let(:machine) { machine }
        end
      end
    end
  end
end

RSpec.configure { |config| config.extend MachineExamples }
