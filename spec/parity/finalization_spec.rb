# frozen_string_literal: true

require_relative "../rails_helper"

# What becomes of a task after a round: completed, failed, put back, or handed to a job now or later.
RSpec.describe Tasker::Orchestration::TaskFinalizer do
  contexts = Tasker::Functions::FunctionBasedTaskExecutionContext
  # By execution status, the steps that a task has: histories and columns, each after those before it where it says so.
  tasks = {
    "all_complete" => [["a", %w[in_progress complete], { processed: true, attempts: 1 }]],
    "blocked_by_failures" => [["a", %w[in_progress error], { attempts: 3, retry_limit: 3, last_attempted_at: Time.utc(2026) }]],
    "has_ready_steps" => [["a", %w[in_progress complete], { processed: true, attempts: 1 }], ["b", [], {}]],
    "waiting_for_dependencies" => [["a", %w[in_progress error], { attempts: 1, retry_limit: 3, backoff_request_seconds: 600 }],
                                   ["b", [], {}]],
    "processing" => [["a", %w[in_progress], { attempts: 1, in_process: true }], ["b", [], {}]]
  }.freeze
  histories = [[], %w[in_progress], %w[in_progress error], %w[in_progress complete]]
  manners = { "at once" => true, "by jobs" => false }

  # @return [Tasker::Task] a chain of these steps
  def made(steps, *states)
    task = make_task(*states)
    steps.inject([]) do |parents, (name, history, columns)|
      columns = { last_attempted_at: Time.current, **columns } if columns[:backoff_request_seconds]
      [make_step(task, name, *history, parents:, **columns)]
    end
    task
  end

  # What a call does to a task, the log and the queue included.
  def life(task, subscribed: false, &block)
    forget_jobs
    observed = nil
    lines = LogRecorder.lines { observed = observe(task, subscribed:, &block) }
    { **observed, log: LogRecorder.sorted(lines, NormalizedRows.new(task)), jobs: jobs_of(task).size, waits: waits_of(task) }
  end

  def finalize(task, **)
    described_class.new.finalize_task(task.task_id, **)
  end

  tasks.each do |status, steps|
    describe "a task that is #{status}" do
      it "is that" do
        expect { contexts.find(made(steps, "in_progress").task_id).execution_status }.to answer_alike
        expect(contexts.find(made(steps, "in_progress").task_id).execution_status).to eq(status)
      end

      [*histories, %w[cancelled]].product(manners.to_a).each do |states, (manner, synchronous)|
        it "is dealt with alike from #{states.last || "pending"}, #{manner}" do
          expect { life(made(steps, *states)) { |task| finalize(task, synchronous:) } }.to answer_alike.or_raise_alike
        end
      end

      it "ends alike with a listener, and within a transaction" do
        expect { life(made(steps, "in_progress"), subscribed: true) { |task| finalize(task) } }.to answer_alike
        at_once = ->(task) { finalize(task, synchronous: true) }
        expect { Tasker::Task.transaction { life(made(steps, "in_progress"), &at_once) } }.to answer_alike
      end
    end
  end

  describe "a task of which nothing can be said" do
    manners.each do |manner, synchronous|
      it "fails without a context, #{manner}" do
        allow(contexts).to receive(:find).and_return(nil)
        expect { life(made(tasks["processing"], "in_progress")) { |task| finalize(task, synchronous:) } }.to answer_alike
        failed = made(tasks["processing"], "in_progress")
        finalize(failed, synchronous:)
        expect(failed.status).to eq("error")
      end

      it "is handed to a later job for an unknown status, #{manner}" do
        odd = ->(find, id) { find.call(id).tap { |found| found.execution_status = "odd" } }
        allow(contexts).to receive(:find).and_wrap_original(&odd)
        seen = nil
        expect { seen = life(made(tasks["processing"], "in_progress")) { |task| finalize(task, synchronous:) } }.to answer_alike
        expect(seen[:waits]).to contain_exactly(be_positive)
      end
    end
  end

  describe "how long a task waits" do
    calculator = described_class::DelayCalculator

    tasks.each do |status, steps|
      it "is alike for one that is #{status}" do
        expect { calculator.calculate_reenqueue_delay(contexts.find(made(steps, "in_progress").task_id)) }.to answer_alike
      end
    end

    it "is as long as the longest backoff of its steps" do
      delays = nil
      expect do
        delays = [30, 60, 100_000].map do |seconds|
          task = make_task("in_progress")
          make_step(task, "a", "in_progress", "error", attempts: 1, retry_limit: 3, backoff_request_seconds: seconds,
                                                       last_attempted_at: Time.current)
          context = contexts.find(task.task_id)
          context.execution_status = "waiting_for_dependencies"
          calculator.calculate_reenqueue_delay(context)
        end
      end.to answer_alike
      expect(delays).to eq(delays.sort.uniq)
    end

    it("is the default without a context") { expect { calculator.calculate_reenqueue_delay(nil) }.to answer_alike }
  end

  describe "a task that is put back" do
    reenqueuer = Tasker::Orchestration::TaskReenqueuer
    ways = {
      "now" => ->(task) { reenqueuer.new.reenqueue_task(task, reason: "mine") },
      "later" => ->(task) { reenqueuer.new.reenqueue_task_delayed(task, delay_seconds: 42, reason: "mine") },
      "by the finalizer" => lambda do |task|
        described_class::ReenqueueManager.reenqueue_with_context(task, contexts.find(task.task_id), nil)
      end,
      "by the finalizer, without a context" => ->(task) { described_class::ReenqueueManager.reenqueue_with_context(task, nil, nil) }
    }

    ways.each do |how, put_back|
      histories.each do |states|
        it "has its job and its events (#{how}, from #{states.last || "pending"})" do
          expect { life(made(tasks["has_ready_steps"], *states), &put_back) }.to answer_alike
        end
      end

      it "stays where it is if there can be no job (#{how})" do
        allow(Tasker::TaskRunnerJob).to receive(:perform_later).and_raise(IOError, "no queue")
        allow_any_instance_of(ActiveJob::ConfiguredJob).to receive(:perform_later).and_raise(IOError, "no queue")
        seen = nil
        expect { seen = life(made(tasks["has_ready_steps"], "in_progress"), &put_back) }.to answer_alike
        expect(seen[:jobs]).to eq(0)
        expect(seen[:log].grep(/no queue/)).not_to be_empty
      end
    end
  end
end
