# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Claims do
  def claims = described_class.open.map { |claim| [claim.kind, claim.id, claim.token] }

  def token_of(model, **owner) = model.where(to_state: "in_progress", **owner).pick(:id)

  # Runs a workflow whose step `b` does that.
  def run_with(name = "claims_#{SecureRandom.hex(4)}", &)
    workflow = ScriptedWorkflow.new(name, { "b" => ->(_, _, step) { yield(step) || {} } })
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    task
  end

  around do |example|
    before = described_class.marker
    described_class.marker = nil
    example.run
  ensure
    described_class.marker = before
  end

  it "lists the claims of a run and of its steps while they are at work" do
    during = nil
    task = run_with do |step|
      during = [claims, ["task", step.task_id, token_of(Tasker::TaskTransition, task_id: step.task_id)],
                ["step", step.id, token_of(Tasker::WorkflowStepTransition, workflow_step_id: step.id)]]
    end
    expect(during.first).to match_array(during.drop(1))
    expect([claims, Tasker::Task.find(task.task_id).status]).to eq([[], "complete"])
  end

  it "knows the task's claim of a step, and the instant of the row" do
    claim = nil
    run_with do
      claim = described_class.open.find { _1.kind == "step" }.dup
      {}
    end
    expect([claim.task.kind, claim.task.id]).to eq(["task", claim.record.task_id])
    expect(TaskerCore::Native::TimestampCodec.to_micros(claim.sent_at))
      .to eq(TaskerCore::Native::TimestampCodec.to_micros(Tasker::WorkflowStepTransition.find(claim.token).created_at))
  end

  # The engine's loop runs where claims are marked.
  it "lists a claim before it is sent" do
    described_class.marker = ->(_claim) {}
    sent = nil
    watch = lambda do |*, payload|
      sent ||= claims.last if payload[:sql].match?(/insert into tasker_workflow_step_transitions/i)
    end
    # Subscribers are called after a statement; `start` is what comes before.
    listener = Class.new do
      define_method(:start) { |_name, _id, payload| watch.call(payload) }
      def finish(*); end
    end.new
    subscription = ActiveSupport::Notifications.subscribe("sql.active_record", listener)
    task = run_with { {} }
    expect(sent).to eq(["step", task.workflow_steps.order(:workflow_step_id).first.id, nil])
  ensure
    ActiveSupport::Notifications.unsubscribe(subscription)
  end

  it "removes a claim that is refused, and one whose worker is killed" do
    step = make_step(make_task("in_progress"), "a", parents: [make_step(make_task, "b")])
    during = nil
    executor = Tasker::Orchestration::StepExecutor.new
    allow(executor).to receive(:store_step_error_data).and_wrap_original do |original, *arguments|
      during = claims
      original.call(*arguments)
    end
    executor.execute_single_step(step.task, nil, step, nil)
    expect([during, claims]).to eq([[], []])

    workflow = ScriptedWorkflow.new("killed_#{SecureRandom.hex(4)}", { "a" => ->(*) { Thread.current.kill && Thread.stop } })
    task = workflow.create
    steps = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id).to_a
    Thread.new { executor.execute_single_step(task, nil, steps.first, workflow.handler) }.join
    expect([claims, steps.first.status]).to eq([[], "in_progress"])
  end

  it "is empty in a child process" do
    inherited = nil
    run_with do
      reader, writer = IO.pipe
      child = fork do
        writer.write(described_class.open.size.to_s)
        exit!(0)
      end
      writer.close
      inherited = reader.read
      Process.wait(child)
    end
    expect(inherited).to eq("0")
  end

  it "adds nothing to a transition without a marker" do
    task = run_with { {} }
    expect(task.workflow_steps.flat_map(&:workflow_step_transitions).map(&:metadata).uniq).to eq([{}])
  end

  it "adds what a marker says, to claims alone" do
    described_class.marker = ->(claim) { { "of" => claim.kind } }
    task = run_with { {} }
    expect(Tasker::TaskTransition.where(task_id: task.task_id).order(:id).map { [_1.to_state, _1.metadata["tasker_core"]] })
      .to eq([["in_progress", { "of" => "task" }], ["complete", nil]])
    expect(Tasker::TaskTransition.find_by(task_id: task.task_id, to_state: "in_progress").metadata.keys)
      .to contain_exactly("initialization_completed", "step_dependencies_established", "tasker_core")
    steps = task.workflow_steps.flat_map { _1.workflow_step_transitions.order(:id).map { |move| [move.to_state, move.metadata] } }
    expect(steps.uniq).to eq([["in_progress", { "tasker_core" => { "of" => "step" } }], ["complete", {}]])
  end

  it "marks no transition that is not a worker's" do
    described_class.marker = ->(_) { { "of" => "a worker" } }
    step = make_step(make_task, "a")
    step.state_machine.transition_to!("in_progress")
    expect(step.workflow_step_transitions.map(&:metadata)).to eq([{}])
  end
end
