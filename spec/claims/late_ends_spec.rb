# frozen_string_literal: true

require_relative "../rails_helper"

# A worker that was away while its step, or its task, was given to the next worker.
RSpec.describe TaskerCore::Claims do
  # Puts a step or task back, as a sweep does, and claims it, as the next worker does; on a thread of its own, as every worker.
  def take_over(record)
    Thread.new do
      Tasker::ApplicationRecord.with_connection do
        other = record.class.find(record.id)
        %w[error pending in_progress].each { |state| other.state_machine.transition_to!(state) }
      end
    end.join
  end

  def claim_of(model, **owner) = model.where(**owner).order(:id).last

  # What the next worker would find: the step's row and its history.
  def rows_of(step)
    [Tasker::WorkflowStep.find(step.id), claim_of(Tasker::WorkflowStepTransition, workflow_step_id: step.id)].map(&:attributes)
  end

  # A workflow whose step `b` is taken over amid its handler.
  def late_workflow
    @before = @after = nil
    ScriptedWorkflow.new("late_#{SecureRandom.hex(4)}", { "b" => lambda { |_, _, step|
      take_over(step)
      @before = rows_of(step)
      @step = step
      yield
    } })
  end

  def run_late(&)
    workflow = late_workflow(&)
    task = workflow.create
    @lines = LogRecorder.lines { workflow.run(Tasker::Task.find(task.task_id)) }.join("\n")
    rows_of(@step)
  end

  # The roads of an end: one statement; one statement and its event in a transaction; the engine's order.
  roads = {
    "nobody listens" => ->(_, &run) { run.call },
    "a subscriber listens to everything" => ->(_, &run) { EventRecorder.subscribed(&run) },
    "a callback of the application runs" => lambda { |example, &run|
      example.with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
        machine.after_transition { nil }
        machine.before_transition { nil }
        run.call
      end
    }
  }

  ends = { "completes" => -> { { "late" => true } }, "fails" => -> { raise "late" } }

  [[], RepairSwitches::DEFAULT].each do |repairs|
    context "with #{repairs.empty? ? "no repairs" : "the repairs"}", repairs: do
      roads.each do |words, road|
        ends.each do |verb, how|
          it "leaves the next worker's claim alone when a late handler #{verb} and #{words}" do
            road.call(self) { @after = run_late(&how) }
            expect(@after).to eq(@before)
            expect(@lines).to include("this worker's claim of step #{@step.id} (transition #{@before.last["id"] - 3}) has been lost")
          end
        end
      end

      it "leaves a task alone that another worker has claimed" do
        workflow = ScriptedWorkflow.new("late_task_#{SecureRandom.hex(4)}", { "b" => lambda { |task, *|
          take_over(task)
          { "done" => true }
        } })
        task = workflow.create
        lines = LogRecorder.lines { workflow.run(Tasker::Task.find(task.task_id)) }.join("\n")
        claim = claim_of(Tasker::TaskTransition, task_id: task.task_id)
        expect([claim.to_state, claim.most_recent]).to eq(["in_progress", true])
        expect(Tasker::Task.find(task.task_id).workflow_steps.to_h { |step| [step.name, step.status] })
          .to eq("a" => "complete", "b" => "complete", "c" => "pending", "d" => "pending", "e" => "pending")
        expect(lines).to include("is left to the worker that has claimed task #{task.task_id} since")
      end
    end
  end

  it "completes the next worker's claim with the gem off" do
    TaskerCore.without { run_late { { "late" => true } } }
    expect(Tasker::WorkflowStep.find(@step.id).status).to eq("complete")
  end

  # A worker that has the last step ends it after another one has taken the task over.
  it "does not complete another worker's task" do
    workflow = ScriptedWorkflow.new("late_end_#{SecureRandom.hex(4)}", { "e" => lambda { |task, *|
      take_over(task)
      { "done" => true }
    } })
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    fresh = Tasker::Task.find(task.task_id)
    expect([fresh.status, fresh.complete, fresh.workflow_steps.map(&:status).uniq]).to eq(["in_progress", false, ["complete"]])
  end

  it "lets a task go on that was cancelled, as the engine does" do
    expect do
      workflow = ScriptedWorkflow.new("cancelled_#{SecureRandom.hex(4)}", { "b" => lambda { |task, *|
        Tasker::Task.find(task.task_id).state_machine.transition_to!("cancelled")
        { "done" => true }
      } })
      task = workflow.create
      workflow.run(Tasker::Task.find(task.task_id))
      [Tasker::Task.find(task.task_id).status, task.workflow_steps.order(:workflow_step_id).map(&:status)]
    end.to answer_alike
  end
end
