# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore, ".stats" do
  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  before do
    steps
    described_class.reset_stats
  end

  it "counts each answer once, by method" do
    3.times { task.status }
    steps.each(&:status)
    steps[1].state_machine.transition_to!("in_progress")
    Outcome.of { steps[2].state_machine.transition_to!("in_progress") }
    steps[2].state_machine.transition_to("in_progress")
    steps[2].state_machine.can_transition_to?("cancelled")
    task.state_machine.allowed_transitions
    Tasker::StepReadinessStatus.for_task(task.task_id)
    Tasker::StepReadinessStatus.ready_for_task(task.task_id)
    expect(answers_given).to eq(
      "TaskStateMachine#current_state" => { rust: 3, engine: 0 }, "StepStateMachine#current_state" => { rust: 3, engine: 0 },
      "StepStateMachine#transition_to!" => { rust: 2, engine: 0 }, "StepStateMachine#transition_to" => { rust: 1, engine: 0 },
      "StepStateMachine#can_transition_to?" => { rust: 1, engine: 0 }, "TaskStateMachine#allowed_transitions" => { rust: 1, engine: 0 },
      "FunctionBasedStepReadinessStatus.for_task" => { rust: 2, engine: 0 }
    )
  end

  it "counts what the engine answers while the gem is off" do
    described_class.without { 2.times { task.status } }
    task.status
    expect(answers_given).to eq("TaskStateMachine#current_state" => { rust: 1, engine: 2 })
  end

  it "counts what is handed over to the engine" do
    Outcome.of { Tasker::StepReadinessStatus.for_task("12") }
    expect(answers_given).to eq("FunctionBasedStepReadinessStatus.for_task" => { rust: 0, engine: 1 })
  end

  it "names every backed method, called or not" do
    expect(described_class.stats.keys).to include(
      "FunctionBasedStepReadinessStatus.for_task", "FunctionBasedStepReadinessStatus.for_tasks",
      "FunctionBasedTaskExecutionContext.find", "FunctionBasedTaskExecutionContext.for_tasks",
      "FunctionBasedDependencyLevels.for_task", "WorkflowStep.get_viable_steps",
      *%w[Task Step].product(%w[current_state can_transition_to? allowed_transitions transition_to transition_to!])
        .map { |kind, method| "#{kind}StateMachine##{method}" }
    )
    expect(described_class.stats.values).to all(eq(rust: 0, engine: 0))
  end

  it "begins at zero again" do
    task.status
    described_class.reset_stats
    expect(answers_given).to be_empty
  end

  it "loses no count between threads" do
    threads = Array.new(4) { Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { 50.times { task.class.find(task.id).status } } } }
    threads.each(&:join)
    expect(answers_given).to eq("TaskStateMachine#current_state" => { rust: 200, engine: 0 })
  end

  it "is a copy" do
    described_class.stats.clear
    expect(described_class.stats).not_to be_empty
  end
end
