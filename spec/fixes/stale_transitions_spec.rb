# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::StaleTransitions do
  # Has somebody else move the owner, once, in the middle of a transition.
  def with_interference(owner, phase)
    moved = false
    with_callbacks(owner.state_machine.class) do |machine|
      machine.public_send(phase) do |_owner, _transition|
        first = !moved
        moved = true
        elsewhere { owner.class.find(owner.id).state_machine.transition_to!("in_progress") } if first
        true
      end
      yield
    end
  end

  def elsewhere(&)
    Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection(&) }.value
  end

  # A metadata that is no Hash has the engine's own code perform the transition.
  # @return [Array] the error, whether the object can be saved, and the owner's state
  def lose(owner, phase)
    outcome = with_interference(owner, phase) { Outcome.of { owner.state_machine.transition_to!("in_progress", [1]) } }
    [outcome.error&.fetch(:class), owner.save, owner.class.find(owner.id).status]
  end

  def owner_of(kind)
    kind == "task" ? make_task : make_step(make_task("in_progress"), "a")
  end

  shared_examples "the engine" do
    %w[task step].each do |kind|
      it "raises an ArgumentError where a #{kind} has arrived already, and the object cannot be saved" do
        expect(lose(owner_of(kind), :guard_transition)).to eq([ArgumentError, false, "in_progress"])
      end

      it "leaves a #{kind} that cannot be saved after a late loss" do
        expect(lose(owner_of(kind), :before_transition)).to eq([ActiveRecord::RecordInvalid, false, "in_progress"])
      end
    end
  end

  it_is_the_engine_without :stale_transitions

  context "with the fix on", repairs: %i[stale_transitions] do
    %w[task step].each do |kind|
      it "says that a #{kind} has arrived already, and the object can be saved" do
        expect(lose(owner_of(kind), :guard_transition)).to eq([Statesman::TransitionFailedError, true, "in_progress"])
      end

      it "leaves a #{kind} that can be saved after a late loss" do
        expect(lose(owner_of(kind), :before_transition)).to eq([ActiveRecord::RecordInvalid, true, "in_progress"])
      end

      it "answers false to those who ask without a bang" do
        owner = owner_of(kind)
        moved = with_interference(owner, :guard_transition) { owner.state_machine.transition_to("in_progress", [1]) }
        expect([moved, owner.save]).to eq([false, true])
      end
    end

    it "leaves transitions alone that the application has built" do
      step = owner_of("step")
      mine = step.workflow_step_transitions.build(to_state: "nowhere", sort_key: 5)
      lose(step, :guard_transition)
      expect(step.workflow_step_transitions.target.select(&:new_record?)).to eq([mine])
    end

    it "leaves other errors as they are" do
      step = owner_of("step")
      expect { step.state_machine.transition_to!("in_progress", [1], 3) }.to raise_error(ArgumentError, /given 3/)
      expect { step.state_machine.transition_to!("nowhere") }.to raise_error(Statesman::TransitionFailedError)
    end
  end
end
