# frozen_string_literal: true

require_relative "../rails_helper"

# Every method that Rust answers is compared in the shadow, or is named here.
RSpec.describe TaskerCore::Shadow, "of every method that Rust answers" do
  broken = "the engine has no answer: its SQL function fails, and repairs are off in the shadow"
  bang = "it is defined by transition_to!"
  parts = "the transitions that it performs are compared by themselves"
  without_comparison = {
    "FunctionBasedSlowestSteps.call" => broken, "FunctionBasedSlowestTasks.call" => broken,
    "TaskStateMachine#transition_to" => bang, "StepStateMachine#transition_to" => bang,
    "StepExecutor#validate_step_preconditions_with_logging" => "it writes log lines, from a step that it has just read",
    "StepExecutor#complete_step_execution" => parts, "StepExecutor#complete_error_step_execution" => parts,
    "TaskFinalizer#complete_task" => parts
  }

  changes = {
    "TaskStateMachine#transition_to!" => ->(task, _) { -> { task.state_machine.transition_to!("cancelled") } },
    "StepStateMachine#transition_to!" => ->(_, steps) { -> { steps.second.state_machine.transition_to!("in_progress") } },
    "WorkflowStep.get_steps_for_task" => lambda { |_, _|
      workflow = ShapeWorkflow.new(Shapes.diamond)
      made = workflow.create
      -> { Tasker::WorkflowStep.get_steps_for_task(made, workflow.handler.step_templates) }
    }
  }
  calls = { **OverrideCalls.all.except(*without_comparison.keys), **changes }

  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  it "is looked at" do
    TaskerCore::Engine::Registry.load_models
    expect([*calls.keys, *without_comparison.keys]).to match_array(TaskerCore::Override.all.map(&:name))
  end

  # Counts what one question comes to in the shadow.
  # @return [Hash{Symbol => Integer}] of its method
  def shadowed(override, question)
    TaskerCore::Switch.put(:shadow) do
      asked = question.call(task, steps)
      TaskerCore.reset_stats
      asked.call
    end
    TaskerCore.shadow_stats.fetch(override).reject { |_, count| count.zero? }
  end

  # Statistics of the whole database tell the instant at which they were made, which stands still in a transaction.
  calls.each do |override, call|
    it "finds that #{override} is alike", :transactional do
      expect(shadowed(override, call)).to include(:alike)
      expect(TaskerCore.shadow_stats.values.sum { |counts| counts[:different] + counts[:failed] }).to eq(0)
    end
  end

  describe "where the core is misled" do
    let(:other) { make_three_step_task.workflow_steps.order(:workflow_step_id).to_a }

    # Has the core asked about something else.
    def mislead(conversation, *subject)
      allow(TaskerCore::Native::Conversation).to receive(conversation).and_wrap_original do |original, name, *|
        original.call(name, *subject)
      end
    end

    it "counts a circle that it does not see", :transactional do
      mislead(:closes_cycle, other.values_at(0, 2).map(&:id))
      override = "WorkflowStepEdge#ensure_no_cycles!"
      expect(shadowed(override, calls.fetch(override))).to eq(different: 1)
    end

    it "counts a circle that it alone sees, and lets the edge be made", :transactional do
      mislead(:closes_cycle, other.values_at(2, 0).map(&:id))
      edge = ->(_, made) { -> { Tasker::WorkflowStepEdge.create_edge!(made.first, made.third, "provides") } }
      expect(shadowed("WorkflowStepEdge#ensure_no_cycles!", edge)).to eq(different: 1)
      expect(Tasker::WorkflowStepEdge.where(from_step: steps.first, to_step: steps.third).count).to eq(1)
    end

    { "downstream" => "find_downstream_steps", "downstream_counts" => "calculate_downstream_impact",
      "critical_paths" => "analyze_critical_paths" }.each do |native, method|
      it "counts what it says in #{method}", :transactional do
        counts = steps.to_h { |step| [step.id, [7, 7]] }
        wrong = { "downstream" => [steps.first.id], "downstream_counts" => counts, "critical_paths" => ["9", [], [], []] }
        allow_any_instance_of(TaskerCore::Native::TaskGraph).to receive(native).and_return(wrong.fetch(native))
        override = "RuntimeGraphAnalyzer##{method}"
        expect(shadowed(override, calls.fetch(override))).to include(different: 1)
      end
    end

    it "says nothing of a graph that is not the one that the engine has", :transactional do
      mislead(:task_graph, other.first.task_id)
      override = "RuntimeGraphAnalyzer#find_downstream_steps"
      expect(shadowed(override, calls.fetch(override))).to include(:declined)
      expect(TaskerCore.shadow_stats.fetch(override)).to include(different: 0)
    end
  end

  it "takes neighbours that the engine has read in another order for the same", :transactional do
    fan = Array.new(3) { |index| make_step(task, "fan_#{index}") }
    fan.reverse_each { |step| make_edge(steps.first, step) }
    %w[build_dependency_graph find_downstream_steps calculate_downstream_impact].each do |method|
      override = "RuntimeGraphAnalyzer##{method}"
      expect(shadowed(override, calls.fetch(override))).to include(:alike)
      expect(TaskerCore.shadow_stats.values.sum { |counts| counts[:different] }).to eq(0)
    end
  end
end
