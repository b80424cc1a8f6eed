# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::TaskCompletion do
  let(:finalizer) { Tasker::Orchestration::TaskFinalizer.new }

  def told(&)
    EventRecorder.on_the_bus(&).count { |event| event.name == "task.completed" }
  end

  # @return [Array] how often the completion of a task was told of that has a step left, what the object says, and the row
  def complete_too_early
    task = make_task("in_progress")
    make_step(task, "a")
    times = told { finalizer.complete_task(task, nil) }
    [times, task.complete, Tasker::Task.find(task.task_id).then { |row| [row.status, row.complete] }]
  end

  # @return [Array] the same for a task that is complete
  def complete_again
    task = make_task("in_progress", "complete")
    outcome = nil
    times = told { outcome = Outcome.of { finalizer.complete_task(task, nil) } }
    [times, outcome.error&.fetch(:class), Tasker::Task.find(task.task_id).complete]
  end

  # The task is put back by another worker, just before its completion is written.
  # @param steps [String] the state of its step
  # @return [String] the state that the task is left in
  def complete_amid(steps: "complete")
    task = make_task("in_progress")
    make_step(task, "a", "in_progress", steps, processed: true)
    others = [-> { Tasker::Task.find(task.task_id).state_machine.transition_to!("pending") }]
    allow(task).to receive(:update!).and_wrap_original do |original, *arguments|
      other = others.shift
      Thread.new { Tasker::ApplicationRecord.with_connection { other.call } }.join if other
      original.call(*arguments)
    end
    EventRecorder.subscribed(["task.completed"]) { finalizer.complete_task(task, nil) }
    Tasker::Task.find(task.task_id).status
  end

  # The task is started by another worker, just before the one who completes it would do so. He may have seen the last step at work.
  # @param steps [String] the state of its step
  # @return [String] the state that the task is left in
  def complete_once_started(steps: "complete")
    task = make_task
    make_step(task, "a", "in_progress", steps, processed: true)
    others = [-> { Tasker::Task.find(task.task_id).state_machine.transition_to!("in_progress") }]
    allow(finalizer).to receive(:safe_transition_to).and_wrap_original do |original, *arguments|
      other = others.shift
      Thread.new { Tasker::ApplicationRecord.with_connection { other.call } }.join if other
      original.call(*arguments)
    end
    finalizer.complete_task(task, nil)
    Tasker::Task.find(task.task_id).status
  end

  shared_examples "the engine" do
    it "leaves a task in progress that was started while it was completed" do
      expect(complete_once_started).to eq("in_progress")
    end

    it "leaves a task pending that was put back while it was completed" do
      expect(complete_amid).to eq("pending")
    end

    it "publishes a completion that was rolled back, and leaves the object changed" do
      expect(complete_too_early).to eq([1, true, ["in_progress", false]])
    end

    it "raises for a task that is complete" do
      expect(complete_again).to eq([0, ArgumentError, true])
    end
  end

  it_is_the_engine_without :task_completion

  context "with the fix on", repairs: %i[task_completion] do
    it "publishes no completion that was rolled back" do
      expect(complete_too_early).to eq([0, false, ["in_progress", false]])
    end

    it "does not log it as a success" do
      lines = LogRecorder.lines { complete_too_early }.join
      expect(lines).to match(/repair task_completion: task \d+ was not completed/)
      expect(lines).not_to include("completed successfully")
    end

    it "leaves a task that is complete as it is, with its flag set" do
      expect(complete_again).to eq([0, nil, true])
    end

    it "completes a task that was put back while it was completed" do
      expect(complete_amid).to eq("complete")
    end

    it "completes a task that was started while it was completed" do
      expect(complete_once_started).to eq("complete")
    end

    it "leaves a task that was started if there is something to do" do
      expect(complete_once_started(steps: "error")).to eq("in_progress")
    end

    it "leaves a task to the worker that has completed it since the last read" do
      task = make_task("in_progress", "complete")
      allow(described_class).to receive(:complete?).and_return(false, true)
      expect(told { finalizer.complete_task(task, nil) }).to eq(0)
      expect(Tasker::Task.find(task.task_id).complete).to be(true)
    end

    it "leaves a task that was put back if there is something to do" do
      expect(complete_amid(steps: "error")).to eq("pending")
    end

    it "publishes a completion that happened, as the engine does" do
      workflow = ScriptedWorkflow.new("completion_#{SecureRandom.hex(4)}", {})
      off, on = [[], %i[task_completion]].map do |names|
        task = workflow.create
        with_repairs(*names) { told { workflow.run(task) } }
      end
      expect([off, on]).to eq([2, 2])
    end

    it "costs a workflow no statement" do
      workflow = ScriptedWorkflow.new("completion_#{SecureRandom.hex(4)}", {})
      workflow.run(workflow.create)
      off, on = [[], %i[task_completion]].map do |names|
        task = workflow.create
        with_repairs(*names) { count_queries { workflow.run(task) } }
      end
      expect(on).to eq(off)
    end
  end
end
