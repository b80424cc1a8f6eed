# frozen_string_literal: true

require_relative "../rails_helper"

# The server has done what a statement says, and the worker never gets the answer.
RSpec.describe TaskerCore::Transitions::LostResponse do
  # Has a subscriber raise once, after the statement of that pattern.
  def raising_after(pattern)
    armed = true
    note = lambda do |*, payload|
      next unless armed && !payload[:exception] && payload[:sql].match?(pattern)

      armed = false
      raise "this statement was too slow"
    end
    ActiveSupport::Notifications.subscribed(note, "sql.active_record") { yield.tap { raise "never sent" if armed } }
  end

  claim_of_step = /insert into "?tasker_workflow_step_transitions/i
  start_of_task = /insert into "?tasker_task_transitions/i
  end_of_step = /update "?tasker_workflow_steps/i
  end_of_task = /update "?tasker_tasks"? .*complete/im

  def workflow(**options)
    ScriptedWorkflow.new("answers_#{SecureRandom.hex(4)}", {}, steps: { "a" => [], "b" => %w[a] }, **options)
  end

  # What became of a task: its status, and each step's with its attempts and its error.
  def outcome(task)
    steps = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id)
    [Tasker::Task.find(task.task_id).status, steps.map { |step| [step.status, step.attempts, step.results.to_h["error"]] }]
  end

  def run(flow, task) = Outcome.of { flow.run(Tasker::Task.find(task.task_id)) }

  lost = "this statement was too slow"
  complete = ["complete", [["complete", 1, nil]] * 2]

  [[], RepairSwitches::DEFAULT - %i[retries]].each do |repairs|
    context "with #{repairs.empty? ? "no repairs" : "the repairs"}", repairs: do
      it "fails a step whose claim's answer is lost, as the engine does" do
        expect do
          flow = workflow
          task = flow.create
          raising_after(claim_of_step) { run(flow, task) }
          status, steps = outcome(task)
          [status, steps.map { |state, attempts, error| [state, attempts, error&.include?(lost)] }]
        end.to answer_alike
        flow = workflow
        task = flow.create
        raising_after(claim_of_step) { run(flow, task) }
        expect(outcome(task).last.first).to match(["error", 1, a_string_including(lost)])
      end

      it "leaves a task pending whose start's answer is lost, as the engine does" do
        expect do
          flow = workflow
          task = flow.create
          error = raising_after(start_of_task) { run(flow, task) }.error
          seen = [error && error[:class], outcome(task)]
          run(flow, task)
          [*seen, outcome(task)]
        end.to answer_alike
      end

      it "takes a step for complete whose end is in the database" do
        flow = workflow
        task = flow.create
        lines = LogRecorder.lines { raising_after(end_of_step) { run(flow, task) } }
        expect(outcome(task)).to eq(complete)
        expect(lines.join).to include("is complete, though the answer was lost")
      end

      it "takes a task for complete whose end is in the database" do
        flow = workflow
        task = flow.create
        raising_after(end_of_task) { run(flow, task) }
        expect(outcome(task).first).to eq("complete")
      end

      it "goes on where the connection breaks after the claim of a step" do
        flow = workflow
        task = flow.create
        LostConnections.after(claim_of_step) { run(flow, task) }
        expect(outcome(task)).to eq(complete)
      end

      { "the start of a task" => start_of_task, "the end of a step" => end_of_step, "the end of a task" => end_of_task }
        .each do |words, pattern|
          it "goes on where the connection breaks after #{words}" do
            flow = workflow
            task = flow.create
            LostConnections.after(pattern) { run(flow, task) }
            expect(outcome(task)).to eq(complete)
          end
        end
    end
  end

  it "does not take another worker's claim for its own", repairs: %i[race_loser] do
    step = make_step(make_task("in_progress"), "a")
    executor = Tasker::Orchestration::StepExecutor.new
    allow(executor).to receive(:publish_execution_started_event) do
      Tasker::WorkflowStep.find(step.id).state_machine.transition_to!("in_progress")
    end
    executor.execute_single_step(step.task, nil, step, nil)
    expect([step.reload.status, step.attempts]).to eq(["in_progress", 0])
  end
end
