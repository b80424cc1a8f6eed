# frozen_string_literal: true

require_relative "../rails_helper"

# Processes with the gem on and processes with the gem off over one database, as while it is rolled out or back.
RSpec.describe "A fleet in which the gem is on in some processes only" do
  # Who runs a task first, and who takes it up again.
  def handed_over(name, first, second)
    failed = false
    workflow = ScriptedWorkflow.new(name, { "c" => ->(*) { failed ? { "c" => 1 } : (failed = true) && raise("not yet") } })
    task = workflow.create
    first.call(-> { workflow.run(Tasker::Task.find(task.task_id)) })
    failures = Tasker::Task.find(task.task_id).status
    second.call(-> { RunningOn.run_on(workflow, task) })
    [failures, Tasker::Task.find(task.task_id).status, NormalizedRows.new(task).rows]
  end

  on = lambda(&:call)
  off = ->(work) { TaskerCore.without(&work) }

  it "goes on with what the others have begun, and leaves the same rows" do
    runs = [[off, off], [on, off], [off, on], [on, on]].map { |pair| handed_over("handed_over", *pair) }
    expect(runs.first.first(2)).to eq(%w[error complete])
    expect(runs.uniq.size).to eq(1)
  end

  it "has one winner for each of 200 transitions" do
    steps = Array.new(200) { make_step(make_task("in_progress"), "a") }
    sides, places = IO.pipe
    places.write("+-" * 4) # one for each process
    group = ProcessGroup.new(8) do |index|
      @side ||= sides.read(1)
      here = @side == "+" ? on : off
      # So much faster that the others would never win. Every second time it begins later, and later again after each that it has won.
      @handicap ||= 20
      @handicap.times { steps[index].reload } if @side == "+" && index.odd?
      won = Outcome.of { here.call(-> { steps[index].state_machine.transition_to!("in_progress") }) }.value
      @handicap += 10 if won == true && index.odd?
      [@side, won]
    end
    winners = steps.each_index.map { |index| group.call(index).filter_map { |side, won| side if won } }
    expect(winners.map(&:size).tally).to eq(1 => 200)
    expect(winners.flatten.tally).to match("+" => a_value > 10, "-" => a_value > 10) # or one side has not raced
    expect(steps.map { |step| Tasker::WorkflowStep.find(step.id).status }.tally).to eq("in_progress" => 200)
    expect(RowFaults.of(*steps.map(&:task_id))).to be_empty
  ensure
    group&.stop
  end
end
