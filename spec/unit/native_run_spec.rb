# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Native::WorkflowRun do
  include Panics

  at = NativeRun::AT

  # `a`, then `b` and `c`, then `d`
  let(:task) do
    make_task.tap do |task|
      a = make_step(task, "a")
      between = %w[b c].map { |name| make_step(task, name, parents: [a]) }
      make_step(task, "d", parents: between)
    end
  end
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  def chain(*names)
    make_task.tap { |task| names.reduce(nil) { |parent, name| make_step(task, name, parents: [parent].compact) } }
  end

  it "runs a task whose steps are executed one after the other" do
    run = NativeRun.new(task, slots: 3)
    batches = []
    outcome = run.outcome do |executions|
      batches << executions.map(&:step_id)
      executions.map { |execution| run.finish(execution) }
    end
    expect(outcome).to eq(outcome: :complete)
    expect(batches).to eq([[steps[0].id], steps[1, 2].map(&:id), [steps[3].id]])
    expect(Tasker::Task.find(task.id).complete).to be(true)
    expect(steps.map { |step| step.reload.status }.uniq).to eq(["complete"])
  end

  it "takes ends that were written on other threads" do
    run = NativeRun.new(chain("a"))
    ended = run.outcome { |executions| executions.map { |execution| Thread.new { run.finish(execution) }.value } }
    expect(ended).to eq(outcome: :complete)
  end

  it "claims a step with the end of the one before" do
    run = NativeRun.new(chain("a", "b", "c"), slots: 1)
    expect(run.outcome { |executions| executions.map { |execution| run.finish(execution) } }).to eq(outcome: :complete)
    expect(run.statements).to eq(["start task", "look and claim", *["finish and claim"] * 3, "finish task"])
  end

  it "gives what the claim has read" do
    task = make_task
    step = make_step(task, "a", inputs: { of: 7 }, results: { before: 1 }, attempts: 1, retry_limit: 5)
    run = NativeRun.new(task)
    run.outcome do |(execution)|
      expect([execution.task_id, execution.step_id, execution.name]).to eq([task.id, step.id, "a"])
      expect([execution.inputs, execution.results]).to eq(['{"of": 7}', '{"before": 1}'])
      expect([execution.attempts, execution.retry_limit, execution.successor]).to eq([1, 5, nil])
      expect(execution.claim).to eq(step.workflow_step_transitions.find_by(most_recent: true).id)
      [run.finish(execution)]
    end
  end

  it "saves the columns that a handler has changed, and leaves the others" do
    task = make_task
    step = make_step(task, "a", inputs: { of: 7 }, results: { before: 1 })
    run = NativeRun.new(task)
    changed = { "retryable" => false, "retry_limit" => 7, "attempts" => 2, "backoff_request_seconds" => 30,
                "results" => { "error" => "no" }, "skippable" => true, "last_attempted_at" => "2026-01-31 12:00:00.000001" }
    run.outcome { |(execution)| [run.finish(execution, "error", changed)] }
    saved = step.reload.attributes
    expect(saved).to include(changed.merge("last_attempted_at" => Time.utc(2026, 1, 31, 12, 0, 0, 1)))
    expect(saved).to include("inputs" => { "of" => 7 }, "processed" => false, "processed_at" => nil)
    expect(saved["updated_at"]).to eq(Time.utc(2023, 11, 14, 22, 13, 20))
    expect(step.status).to eq("error")
  end

  it "publishes what there are listeners for" do
    run = NativeRun.new(chain("a"), listeners: %w[step.completed task.completed])
    run.outcome { |executions| executions.map { |execution| run.finish(execution) } }
    expect(run.events.map { |event| event[:name] }).to eq(%w[step.completed task.completed])
  end

  it "says why a task was not started" do
    expect(NativeRun.new(make_task("in_progress")).outcome).to eq(outcome: :refused, reason: :not_pending, state: "in_progress")
    expect(NativeRun.new(make_task(complete: true)).outcome).to eq(outcome: :refused, reason: :already_complete, state: nil)
  end

  it "says when to come back" do
    task = make_task
    make_step(task, "a", "in_progress")
    expect(NativeRun.new(task, processing_delay: 3_000_000).outcome).to eq(outcome: :pending, pause: :processing, come_back: 3_000_000)
  end

  describe "a step that nobody waits for any more" do
    it "claims nothing with its end, which counts" do
      task = chain("a", "b")
      run = NativeRun.new(task, slots: 1)
      straggler = nil
      outcome = run.outcome do |(execution)|
        straggler = execution
        [execution.abandon]
      end
      expect(outcome).to include(outcome: :pending, pause: :processing)
      expect(straggler.successor).to be_nil
      expect(run.finish(straggler)).to have_attributes(kind: :complete, successor: nil)
      expect(task.workflow_steps.order(:workflow_step_id).map(&:status)).to eq(%w[complete pending])
    end

    it "cannot be left while its end is being written with the claim of the next" do
      run = NativeRun.new(chain("a", "b"), slots: 1)
      run.outcome do |(execution)|
        execution.finish("a spec", "complete", "{}", at)
        expect(execution.abandon).to be_nil if execution.successor
        [run.finish(execution)]
      end
    end
  end

  it "names what it does not take" do
    start = ->(options) { described_class.start(1, options) }
    expect { start.call({ slot: 1 }) }.to raise_error(TaskerCore::ConversationError, /expected one of slots, .*, got slot/)
    expect { start.call({ slots: 0 }) }.to raise_error(TaskerCore::ConversationError, /expected 1 or more, got 0/)
    expect { start.call({}).resume([], at) }.to raise_error(TaskerCore::ConversationError, /out of turn/)
    expect { described_class.allocate }.to raise_error(TypeError)
  end

  it "turns a panic in each of its functions into an error, and goes on" do
    expect_panic(described_class, :start, 1, {})
    native = described_class.start(1, {})
    [[:resume, nil, at], [:ended, [], at], [:claim]].each { |name, *arguments| expect_panic(native, name, *arguments) }
    expect(native.resume(nil, at)).to match([:query, ["start task", a_kind_of(String), a_kind_of(Array), true]])
    run = NativeRun.new(chain("a"))
    run.outcome do |(execution)|
      readers = execution.class.instance_methods(false) - %i[finish]
      readers.each { |name| expect_panic(execution, name) }
      expect_panic(execution, :finish, "a spec", "complete", "{}", at)
      ended = run.finish(execution)
      ended.class.instance_methods(false).each { |name| expect_panic(ended, name) }
      [ended]
    end
  end
end
