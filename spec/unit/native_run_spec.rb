# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Native::WorkflowRun do
  include_context "with tasks of native runs"
  include Panics

  at = NativeRun::AT

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

  it "returns no rows where the host needs none" do
    run = NativeRun.new(chain("a"))
    run.outcome do |(execution)|
      expect([execution.row, execution.parents, execution.task_row]).to eq([nil, nil, nil])
      [run.finish(execution)]
    end
  end

  it "makes a step in error pending before another attempt, unless it is not to be tried again" do
    task = make_task
    step = make_step(task, "a", attempts: 1)
    make_history(step, "in_progress", "error", created_at: 1.hour.ago)
    expect(NativeRun.new(task, retries: false, ends_task: false).outcome).to eq(outcome: :nothing_ready, ready: true)
    make_history(task, "pending", sort_keys: [100], flagged: nil)
    Tasker::TaskTransition.where(task_id: task.id).update_all("most_recent = (to_state = 'pending')")
    run = NativeRun.new(task)
    run.outcome do |(execution)|
      expect([execution.was, execution.attempts]).to eq(["error", 1])
      [run.finish(execution)]
    end
    expect(step.reload.status).to eq("complete")
  end

  it "marks the claims of tasks and of steps apart" do
    task = chain("a")
    run = NativeRun.new(task, claim_metadata: '{"of":"step"}', task_metadata: '{"of":"task"}')
    run.outcome { |(execution)| [run.finish(execution)] }
    transitions = Tasker::WorkflowStepTransition.where(workflow_step_id: task.workflow_steps.ids)
    of_task, of_step = [Tasker::TaskTransition.where(task_id: task.id), transitions].map { |all| all.find_by(to_state: "in_progress").metadata }
    expect([of_task["of"], of_task["initialization_completed"], of_step]).to eq(["task", true, { "of" => "step" }])
  end

  it "leaves the end of the task to its host" do
    task = chain("a")
    run = NativeRun.new(task, ends_task: false)
    expect(run.outcome { |(execution)| [run.finish(execution)] }).to eq(outcome: :nothing_ready, ready: false)
    expect(run.statements).to eq(["start task", "look and claim", "finish and claim"])
    expect([task.status, Tasker::TaskTransition.find_by(task_id: task.id, most_recent: true).id]).to eq(["in_progress", run.run.claim])
  end

  it "claims no more steps than the host has room for" do
    task = make_task
    3.times { |place| make_step(task, %w[a b c][place]) }
    run = described_class.start(task.id, { slots: 3 })
    rows = lambda do |(kind, (_, sql, binds))|
      expect(kind).to eq(:query)
      Tasker::ApplicationRecord.connection.exec_query(sql, "Spec", binds).rows
    end
    run.resume(nil, at)
    expect(run.claims_at_most).to eq(0)
    expect { run.limit_claims(1, at) }.to raise_error(TaskerCore::ConversationError)
    run = described_class.start(task.id, { slots: 3 })
    start = run.resume(nil, at)
    run.resume(rows.call(start), at)
    expect(run.claims_at_most).to eq(3)
    limited = run.limit_claims(2, at)
    expect(run.resume(rows.call(limited), at)).to match([:execute, [a_kind_of(TaskerCore::Native::StepExecution)] * 2])
    expect(run.claims_at_most).to eq(0)
  end

  it "refuses the end of a step whose name a later step bears, where names are compared" do
    { nil => :claim_lost, 0 => :claim_lost, Float::INFINITY => :complete }.each do |known, kind|
      task = make_task
      a = make_step(task, "a")
      twin = make_step(task, "b", parents: [a])
      named = WorkflowRows.named_step_id("a")
      Tasker::WorkflowStep.where(workflow_step_id: twin.id).update_all(named_step_id: named)
      run = NativeRun.new(task, slots: 1)
      run.run.distinct_to = known == Float::INFINITY ? twin.id : known
      run.outcome do |(execution)|
        ended = run.finish(execution)
        expect(ended.kind).to eq(kind) if execution.step_id == a.id
        [ended]
      end
    end
  end

  it "writes an end once, however often it is asked to" do
    task = chain("a", "b")
    run = NativeRun.new(task)
    run.outcome do |(execution)|
      ends = [run.finish_again(execution), run.finish_again(execution), run.finish_again(execution)]
      expect(ends.map(&:kind)).to eq([:complete] * 3)
      expect(ends.map(&:successor).uniq).to eq([execution.successor])
      ends.last(1)
    end
    expect(Tasker::Task.find(task.id).complete).to be(true)
    expect(Tasker::WorkflowStepTransition.where(workflow_step_id: task.workflow_steps.ids).count).to eq(4)
  end

  it "does not take another's end for its own" do
    task = chain("a")
    run = NativeRun.new(task)
    run.outcome do |(execution)|
      make_history(Tasker::WorkflowStep.find(execution.step_id), "complete", sort_keys: [100], flagged: nil)
      Tasker::WorkflowStepTransition.where(workflow_step_id: execution.step_id).update_all("most_recent = (to_state = 'complete')")
      expect(run.finish_again(execution).kind).to eq(:claim_lost)
      [run.finish_again(execution)]
    end
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

  describe "a step without a waiting thread" do
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

    it "can end without a claim" do
      run = NativeRun.new(chain("a", "b"), slots: 1)
      kept = run.outcome do |(execution)|
        expect(execution.keep_to_itself).to be(true)
        [run.finish(execution)]
      end
      expect(kept).to eq(outcome: :complete)
      expect(run.statements.grep("look and claim").size).to eq(2)
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
    calls = { resume: [nil, at], ended: [[], at], claim: [], claims_at_most: [], claims_wait?: [],
              limit_claims: [1, at], "distinct_to=": [1], waves: [], ready: [] }
    expect(calls.keys).to match_array(native.class.instance_methods(false))
    calls.each { |name, arguments| expect_panic(native, name, *arguments) }
    expect(native.resume(nil, at)).to match([:query, ["start task", a_kind_of(String), a_kind_of(Array), true]])
    run = NativeRun.new(chain("a"))
    run.outcome do |(execution)|
      readers = execution.class.instance_methods(false) - %i[finish finish_again]
      readers.each { |name| expect_panic(execution, name) }
      expect_panic(execution, :finish, "a spec", "complete", "{}", at)
      expect_panic(execution, :finish_again, "a spec", "complete", "{}", at)
      ended = run.finish(execution)
      ended.class.instance_methods(false).each { |name| expect_panic(ended, name) }
      [ended]
    end
  end
end
