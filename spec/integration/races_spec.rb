# frozen_string_literal: true

require_relative "../rails_helper"

# Many sessions, one owner.
RSpec.describe "Transitions that race each other" do
  # What the engine's callers are prepared for.
  engine_errors = [Statesman::TransitionFailedError, Statesman::GuardFailedError, Statesman::TransitionConflictError]

  # Many owners in few statements.
  def make_owners(kind, count)
    model = kind == "task" ? Tasker::Task : Tasker::WorkflowStep
    row = kind == "task" ? task_row : step_row
    ids = model.insert_all!(Array.new(count) { row.call }).rows.flatten
    model.where(model.primary_key => ids).order(model.primary_key).to_a
  end

  def task_row
    columns = { named_task_id: WorkflowRows.named_task_id, requested_at: Time.current, context: {} }
    -> { { **columns, identity_hash: SecureRandom.uuid } }
  end

  def step_row
    task = make_task("in_progress")
    columns = { task_id: task.task_id, named_step_id: make_step(task, "a").named_step_id, attempts: 0, inputs: {}, results: {} }
    -> { columns }
  end

  # Each thread has objects of its own.
  def race(owners, threads: 8)
    model = owners.first.class
    lanes = Array.new(threads) { model.where(model.primary_key => owners.map(&:id)).order(model.primary_key).to_a }
    Race.new(threads).run(owners.each_index.to_a) { |index, lane| yield lanes[lane][index], lane }
  end

  def history(owner)
    association = owner.is_a?(Tasker::Task) ? owner.task_transitions : owner.workflow_step_transitions
    association.order(:sort_key).pluck(:to_state, :sort_key, :most_recent)
  end

  def expect_one_winner(outcomes, errors)
    winners, losers = outcomes.partition { |outcome| outcome.error.nil? }
    expect(winners.map(&:value)).to eq([true])
    expect(losers.map { |loser| loser.error[:class] } - errors).to be_empty
  end

  # 1,000 rounds in all.
  { "step" => 500, "task" => 250 }.each do |kind, count|
    it "have one winner for each of #{count} #{kind}s" do
      owners = make_owners(kind, count)
      rounds = race(owners) { |owner| owner.state_machine.transition_to!("in_progress") }
      rounds.each { |outcomes| expect_one_winner(outcomes, engine_errors) }
      owners.each { |owner| expect(history(owner)).to eq([["in_progress", 10, true]]) }
    end
  end

  it "have one winner for each of 250 steps that have a history" do
    owners = make_owners("step", 250)
    Tasker::WorkflowStepTransition.insert_all!(owners.map do |owner|
      { workflow_step_id: owner.id, to_state: "error", sort_key: 10, most_recent: true, created_at: Time.current, updated_at: Time.current }
    end)
    rounds = race(owners) { |owner| owner.state_machine.transition_to!("pending") }
    rounds.each { |outcomes| expect_one_winner(outcomes, engine_errors) }
    owners.each { |owner| expect(history(owner)).to eq([["error", 10, false], ["pending", 20, true]]) }
  end

  it "have one winner inside open transactions, which all go on" do
    owners = make_owners("step", 250)
    rounds = race(owners) do |owner|
      Tasker::ApplicationRecord.transaction do
        [Outcome.of { owner.state_machine.transition_to!("in_progress") }, owner.status]
      end
    end
    rounds.each do |outcomes|
      expect(outcomes.filter_map(&:error)).to be_empty
      expect_one_winner(outcomes.map { |outcome| outcome.value.first }, engine_errors)
      expect(outcomes.map { |outcome| outcome.value.last }).to all(eq("in_progress"))
    end
    owners.each { |owner| expect(history(owner)).to eq([["in_progress", 10, true]]) }
  end

  it "write a history that the machine allows, whatever they want" do
    successors = Tasker::StateMachine::StepStateMachine.successors
    owners = make_owners("step", 100)
    wanted = %w[in_progress error cancelled complete pending resolved_manually in_progress error]
    rounds = race(owners) { |owner, lane| owner.state_machine.transition_to!(wanted[lane]) }
    rounds.zip(owners) do |outcomes, owner|
      rows = history(owner)
      expect(outcomes.filter_map { |outcome| outcome.error&.fetch(:class) } - engine_errors).to be_empty
      expect(outcomes.count { |outcome| outcome.error.nil? }).to eq(rows.size)
      expect(rows.map(&:second)).to eq((1..rows.size).map { |index| index * 10 })
      expect(rows.map(&:last)).to eq(rows.each_index.map { |index| index == rows.size - 1 })
      ["pending", *rows.map(&:first)].each_cons(2) { |from, to| expect(successors[from]).to include(to) }
    end
  end

  it "have one winner while callbacks look on" do
    owners = make_owners("step", 50)
    seen = Queue.new
    rounds = with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
      machine.after_transition { |step, transition| seen << [step.id, transition.to_state] }
      race(owners) { |owner| owner.state_machine.transition_to!("in_progress") }
    end
    rounds.each { |outcomes| expect_one_winner(outcomes, [*engine_errors, ArgumentError, ActiveRecord::RecordInvalid]) }
    expect(Array.new(seen.size) { seen.pop }).to match_array(owners.map { |owner| [owner.id, "in_progress"] })
  end

  it "let a step go once all its parents are done, and never before" do
    task = make_task("in_progress")
    children = Array.new(40) { |index| make_step(task, "child_#{index}", parents: [make_step(task, "parent_#{index}", "in_progress")]) }
    rounds = race(children, threads: 2) do |child, lane|
      lane.zero? ? child.parents.sole.state_machine.transition_to!("complete") : child.state_machine.transition_to!("in_progress")
    end
    rounds.each do |parent, child|
      expect(parent.value).to be(true)
      expect([nil, Statesman::GuardFailedError]).to include(child.error && child.error[:class])
    end
  end
end
