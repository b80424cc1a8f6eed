# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "The fix from_state" do
  # @return [Array] the rows that a task and a step write on their way, and what is published
  def ways
    task = make_task
    step = make_step(task, "a")
    events = EventRecorder.on_the_bus do
      %w[in_progress error pending].each { |to| [task, step].each { |owner| owner.state_machine.transition_to!(to, "by" => "hand") } }
    end
    rows = [task.task_transitions, step.workflow_step_transitions].map do |history|
      history.order(:sort_key).map { |row| [row.from_state, row.to_state, row.sort_key, row.most_recent, row.metadata] }
    end
    [rows, events.map { |event| [event.name, event.payload[:from_state]] }]
  end

  def named(events, prefix) = events.select { |name, _| name.start_with?(prefix) }

  shared_examples "the engine" do
    it "records no state before and publishes a retry as a beginning" do
      rows, events = ways
      expect(rows.flat_map { |history| history.map(&:first) }).to all(be_nil)
      expect(named(events, "step.")).to eq([["step.execution_requested", nil], ["step.failed", nil], ["step.initialize_requested", nil]])
      expect(events.map(&:first)).to include("task.initialize_requested")
    end
  end

  it_is_the_engine_without :from_state

  context "with the fix off" do
    it "is off by default" do
      expect(TaskerCore::Fix.fetch(:from_state).default).to be(false)
    end
  end

  context "with the fix on", repairs: %i[from_state] do
    it "records the state before, and all else as the engine does" do
      rows, = ways
      history = [["pending", "in_progress", 10, false, { "by" => "hand" }], ["in_progress", "error", 20, false, { "by" => "hand" }],
                 ["error", "pending", 30, true, { "by" => "hand" }]]
      expect(rows).to eq([history, history])
    end

    it "publishes a retry as a retry" do
      _, events = ways
      expect(named(events, "step."))
        .to eq([["step.execution_requested", "pending"], ["step.failed", "in_progress"], ["step.retry_requested", "error"]])
      before, after = named(events, "task.").partition { |name, _| name == "task.before_transition" }
      expect(after).to eq([["task.start_requested", "pending"], ["task.failed", "in_progress"], ["task.retry_requested", "error"]])
      expect(before.map(&:last)).to eq(%w[pending in_progress error])
    end

    it "leaves transitions with their previous state" do
      step = make_step(make_task("in_progress"), "a")
      step.workflow_step_transitions.load
      step.state_machine.transition_to!("in_progress")
      expect(step.workflow_step_transitions.last).to have_attributes(from_state: "pending", persisted?: true, changes: {})
    end

    it "changes nothing else about a workflow" do
      workflow = ShapeWorkflow.new(Shapes.diamond)
      without, with = [[], %i[from_state]].map { |names| with_repairs(*names) { run_of(workflow) } }
      told = ->(run) { run[:rows].transform_values { |rows| rows.map { |row| row.except("from_state") } } }
      expect(told.call(with)).to eq(told.call(without))
      expect(with[:rows][:step_transitions].map { |row| row["from_state"] }).to all(be_present)
      expect(with[:log]).to eq(without[:log])
    end
  end
end
