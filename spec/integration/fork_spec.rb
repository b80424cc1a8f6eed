# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore, "after a fork" do
  include Forks

  let(:step) { make_step(make_task("in_progress"), "b") }

  # A question, a transition and a whole workflow, with what Rust has answered for them.
  def work(step)
    TaskerCore.reset_stats
    workflow = ShapeWorkflow.new(Shapes.linear(2))
    task = workflow.create
    workflow.run(task)
    [step.status, step.state_machine.transition_to("in_progress"), task.status, answers_given.values.sum { |counts| counts[:engine] },
     answers_given.values.any? { |counts| counts[:rust].positive? }]
  end

  it "answers in a child, in a grandchild, and still in the parent" do
    ShapeWorkflow.new(Shapes.linear(2)).then { |workflow| workflow.run(workflow.create) }
    step
    child, grandchild = in_a_child { [work(step), in_a_child { work(step) }] }
    expect(child).to eq(["pending", true, "complete", 0, true])
    expect(grandchild).to eq(["in_progress", false, "complete", 0, true])
    expect(work(step)).to eq(["in_progress", false, "complete", 0, true])
  end

  it "answers in a child of a process that is in the midst of a workflow" do
    step
    workflow = ShapeWorkflow.new(Shapes.linear(2))
    child = nil
    allow_any_instance_of(ShapeWorkflow::Succeed).to receive(:process) do
      child ||= in_a_child { [step.status, step.state_machine.transition_to("error")] }
      {}
    end
    task = workflow.create
    workflow.run(task)
    expect(child).to eq(["pending", true])
    expect(task.status).to eq("complete")
  end

  it "counts in each process by itself" do
    step
    described_class.reset_stats
    expect(in_a_child { 3.times { step.status } && answers_given })
      .to eq("StepStateMachine#current_state" => { "rust" => 3, "engine" => 0 })
    expect(answers_given).to be_empty
  end

  it "keeps the switch of the block in which the fork was" do
    expect(described_class.without { in_a_child { described_class.active? } }).to be(false)
    expect(in_a_child { described_class.active? }).to be(true)
  end
end
