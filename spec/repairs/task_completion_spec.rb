# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Repairs::TaskCompletion do
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

  shared_examples "the engine" do
    it "tells of a completion that was rolled back, and leaves the object changed" do
      expect(complete_too_early).to eq([1, true, ["in_progress", false]])
    end

    it "raises for a task that is complete" do
      expect(complete_again).to eq([0, ArgumentError, true])
    end
  end

  it_is_the_engine_without :task_completion

  context "with the repair on", repairs: %i[task_completion] do
    it "tells nobody of a completion that was rolled back" do
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

    it "tells of a completion that happened, as the engine does" do
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
