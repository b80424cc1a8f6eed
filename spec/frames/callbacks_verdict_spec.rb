# frozen_string_literal: true

require_relative "../rails_helper"

# What has been found out about a machine's callbacks holds for these callbacks only.
RSpec.describe TaskerCore::Transitions::Callbacks do
  let(:machine) { Tasker::StateMachine::StepStateMachine }

  def move(step = make_step(make_task("in_progress"), SecureRandom.hex(4), "pending"))
    step.state_machine.transition_to!("in_progress")
  end

  def judged = described_class.judged(machine)

  it "is found out once" do
    move
    allow(TaskerCore::Stock::EngineCode).to receive(:defines?).and_call_original
    first = judged
    expect(judged).to equal(first)
    expect(TaskerCore::Stock::EngineCode).not_to have_received(:defines?)
  end

  {
    "a guard" => ->(machine, calls) { machine.guard_transition { calls << :called } },
    "a callback" => ->(machine, calls) { machine.before_transition { calls << :called } },
    "one that waits for the commit" => ->(machine, calls) { machine.after_transition(after_commit: true) { calls << :called } }
  }.each do |words, add|
    it "notices #{words} that is added later, and taken away again" do
      calls = []
      move
      with_callbacks(machine) do
        add.call(machine, calls)
        expect(judged.added).not_to be_empty
        move
      end
      expect { move }.not_to(change { calls.dup })
      expect(calls).to eq([:called])
      expect(judged.added).to be_empty
    end
  end

  it "notices the engine's own guard that is gone" do
    move
    with_callbacks(machine) do
      machine.callbacks[:guards].clear
      expect(judged.native).to be(false)
    end
    expect(judged.native).to be(true)
  end

  it "notices one that another has taken the place of" do
    calls = []
    move
    with_callbacks(machine) do
      machine.callbacks[:before].map! { |own| Statesman::Callback.new(from: own.from, to: own.to, callback: ->(*) { calls << :mine }) }
      move
    end
    expect(calls).to eq([:mine])
  end

  describe "a step's parents" do
    let(:step) { make_three_step_task.workflow_steps.order(:workflow_step_id).last }

    it "are those in memory, off and on" do
      expect do
        last = make_three_step_task.workflow_steps.order(:workflow_step_id).last
        last.association(:parents).target = []
        last.state_machine.transition_to("in_progress")
      end.to answer_alike
    end

    it "are asked of whoever is in the place of the association" do
      asked = 0
      step.define_singleton_method(:parents) { (asked += 1) && super() }
      step.state_machine.transition_to("in_progress")
      expect(asked).to be_positive
    end
  end
end
