# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::RaceLoser do
  # What becomes of a step that somebody else takes after this executor has found it pending, and before it claims it.
  def lose_to(*states, results: {})
    task = make_task("in_progress")
    step = make_step(task, "a")
    executor = Tasker::Orchestration::StepExecutor.new
    allow(executor).to receive(:publish_execution_started_event) { take(step.id, states, results) }
    handler = nil
    value = executor.execute_single_step(task, nil, step, handler)
    [value, *Tasker::WorkflowStep.find(step.id).then { |row| [row.status, row.attempts, row.results.keys] }]
  end

  def take(id, states, results)
    other = Tasker::WorkflowStep.find(id)
    states.each { |state| other.state_machine.transition_to!(state) }
    other.update!(results:) if results.any?
  end

  def make_workflow
    workflow = ScriptedWorkflow.new("start_#{SecureRandom.hex(4)}", {})
    [workflow, workflow.create]
  end

  # What becomes of a task that somebody else starts between this run's look at it and its own start.
  def lose_start
    workflow, task = make_workflow
    mine = Tasker::Task.find(task.task_id)
    allow(mine).to receive(:status).and_wrap_original do |original|
      original.call.tap { Tasker::Task.find(task.task_id).state_machine.transition_to!("in_progress") if original.call == "pending" }
    end
    workflow.run(mine)
    task.workflow_steps.reload
    [Tasker::Task.find(task.task_id).status, task.workflow_steps.map(&:attempts).uniq]
  end

  shared_examples "the engine" do
    it "runs a task that another worker has started" do
      expect(lose_start).to eq(["complete", [1]])
    end

    it "marks a step that another worker is running as failed" do
      expect(lose_to("in_progress")).to eq([nil, "error", 1, %w[error backtrace error_class]])
    end
  end

  it_is_the_engine_without :race_loser

  context "with the fix on", repairs: %i[race_loser] do
    %w[in_progress cancelled error resolved_manually].each do |state|
      it "leaves a step alone that is #{state} by another worker" do
        expect(lose_to(state)).to eq([nil, state, 0, []])
      end
    end

    it "leaves a completed step and its results alone" do
      expect(lose_to("in_progress", "complete", results: { "sum" => 3 })).to eq([nil, "complete", 0, %w[sum]])
    end

    it "leaves a task alone that another worker has started" do
      expect(lose_start).to eq(["in_progress", [0]])
    end

    it "starts a task for those who ask for no more" do
      workflow = ScriptedWorkflow.new("start_#{SecureRandom.hex(4)}", {})
      task = make_task("pending")
      allow_any_instance_of(Tasker::Orchestration::TaskInitializer).to receive(:start_task!).and_return(false)
      expect(workflow.handler.start_task(task)).to be(false)
    end

    it "says so in the log" do
      id = nil
      lines = LogRecorder.lines { id = lose_to("in_progress") && Tasker::WorkflowStep.maximum(:workflow_step_id) }
      expect(lines.join)
        .to include("tasker-core: repair race_loser: Tasker::WorkflowStep #{id} is in_progress by somebody else and is left alone")
    end

    it "publishes repair.tasker_core" do
      told = []
      note = ->(*, payload) { told << payload }
      ActiveSupport::Notifications.subscribed(note, "repair.tasker_core") { lose_to("in_progress") }
      expect(told).to contain_exactly({ repair: :race_loser, message: a_string_including("is in_progress by somebody else") })
    end

    it "fails a step without another worker, as the engine does" do
      task = make_task("in_progress")
      step = make_step(task, "a", parents: [make_step(task, "b")])
      Tasker::Orchestration::StepExecutor.new.execute_single_step(task, nil, step, nil)
      expect([step.reload.status, step.attempts]).to eq(["error", 1])
    end

    it "has one winner of two runs, whose results stay" do
      task = make_task("in_progress")
      steps = Array.new(20) { |index| make_step(task, "step_#{index}") }
      worker = Class.new { def handle(_task, _sequence, step) = step.results = { "done" => true } }.new
      handler = Struct.new(:worker) { def get_step_handler(_step) = worker }.new(worker)
      outcomes = Race.new(2).run(steps.map(&:id)) do |id, _lane|
        Tasker::Orchestration::StepExecutor.new.execute_single_step(task, nil, Tasker::WorkflowStep.find(id), handler)
      end
      expect(outcomes.map { |lanes| lanes.count(&:value) }).to all(eq(1))
      steps.each { |step| expect([step.reload.status, step.attempts, step.results]).to eq(["complete", 1, { "done" => true }]) }
    end
  end
end
