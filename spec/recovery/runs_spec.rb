# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Recovery, "of a workflow in the core's loop", repairs: RepairSwitches::DEFAULT do
  include Recovering

  before { forget_jobs }

  let!(:workflow) { ScriptedWorkflow.new("recovering", {}, retry_limit: 5) }
  let!(:task) { workflow.create }

  # Runs the task, with a sweep of this process's claims after each statement.
  # @return [Array<TaskerCore::Recovery::Report>] of the sweeps
  def swept
    reports = []
    sweep = lambda do |*|
      next if Thread.current.thread_variable_get(:sweeps)

      Thread.new do
        Thread.current.thread_variable_set(:sweeps, true)
        Tasker::ApplicationRecord.with_connection { reports << TaskerCore::Recovery::Sweep.new(worker).own_claims }
      end.join
    end
    ActiveSupport::Notifications.subscribed(sweep, "sql.active_record") { workflow.run(task) }
    reports
  end

  def claims_by_others
    TaskerCore::Claims.open.map { |claim| [claim.kind, claim.id] }
  end

  it "leaves claims alone that a statement has made and no thread executes yet" do
    worker.key_of_claims
    calls = Queue.new
    ScriptedWorkflow.scripts["recovering"] = Hash.new { |_, name| ->(*) { (calls << name).then { { "done" => true } } } }
    runs = TaskerCore.run_stats[:native]
    expect(swept.reject(&:nothing?)).to be_empty
    expect(TaskerCore.run_stats[:native]).to eq(runs + 1)
    expect(Tasker::Task.find(task.id).status).to eq("complete")
    expect([claims_by_others, TaskerCore::Claims.expected_tasks]).to eq([[], []])
  end

  it "claims by the mark of its worker, and goes on in the engine's loop where that changes" do
    key = worker.key_of_claims
    ScriptedWorkflow.scripts["recovering"] = Hash.new { |_, _| ->(*) { worker.lost.then { { "done" => true } } } }
    workflow.run(task)
    marks = Tasker::WorkflowStepTransition.where(workflow_step_id: task.workflow_steps.ids, to_state: "in_progress").map(&:metadata)
    expect(marks.partition(&:empty?)).to match([have_attributes(size: 4), [{ "tasker_core" => { "worker" => key.to_s } }]])
    expect(Tasker::Task.find(task.id).status).to eq("complete")
  end
end
