# frozen_string_literal: true

require_relative "../rails_helper"

# Queues that do not take a job: a callback throws `:abort`, the adapter raises, or discards the job and says nothing.
RSpec.describe TaskerCore::Fixes::Retries do
  # As Solid Queue on a conflict: the job's id in the queue is missing, and Rails takes the job for enqueued.
  discarding = Class.new(ActiveJob::QueueAdapters::TestAdapter) do
    def self.name = "ActiveJob::QueueAdapters::SolidQueueAdapter"

    attr_accessor :refuses

    def enqueue_at(job, timestamp)
      super.tap { job.provider_job_id = "2" } unless refuses.call(job)
    end
  end

  errors = {
    "raises EnqueueError" => -> { raise ActiveJob::EnqueueError, "no queue" },
    "raises another error" => -> { raise IOError, "no connection" },
    "cannot wait" => -> { raise NotImplementedError, "not here" }
  }

  # Step `b` fails once.
  let(:workflow) do
    failed = Concurrent::Map.new
    script = { "b" => ->(task, *) { failed.put_if_absent(task.task_id, true) ? {} : raise("not yet") } }
    ScriptedWorkflow.new("refused_#{SecureRandom.hex(4)}", script, steps: { "a" => [], "b" => %w[a] }, retry_limit: 5)
  end

  before { forget_jobs }

  # Runs the block while the queue refuses jobs, by one of these ways.
  # @param retries [Boolean] whether it refuses those that were run already, too
  def refusing(way, retries: false, &)
    refuses = ->(job) { retries || job.executions.zero? }
    case way
    when :abort then with_callback(refuses, &)
    when Class then with_adapter(way.new.tap { |adapter| adapter.refuses = refuses }, &)
    else with_adapter(raising_adapter(refuses, way), &)
    end
  end

  def with_callback(refuses)
    before = Tasker::TaskRunnerJob.__callbacks.dup
    Tasker::TaskRunnerJob.before_enqueue { |job| throw :abort if refuses.call(job) }
    yield
  ensure
    Tasker::TaskRunnerJob.__callbacks = before
  end

  def raising_adapter(refuses, error)
    Class.new(ActiveJob::QueueAdapters::TestAdapter) do
      define_singleton_method(:name) { "ActiveJob::QueueAdapters::RaisingAdapter" }
      define_method(:enqueue) { |job| refuses.call(job) ? error.call : super(job) }
      define_method(:enqueue_at) { |job, timestamp| refuses.call(job) ? error.call : super(job, timestamp) }
    end.new
  end

  def with_adapter(adapter)
    before = ActiveJob::Base.queue_adapter
    adapter.enqueued_jobs = before.enqueued_jobs
    ActiveJob::Base.queue_adapter = adapter
    yield
  ensure
    ActiveJob::Base.queue_adapter = before
  end

  # Runs the one job of a new task meanwhile.
  # @return [Hash] how it ended, whether the jobs in the queue are the same one again, and what the task says of a job to come
  def run_job_while_refusing(way, **)
    task = workflow.create
    job = Tasker::TaskRunnerJob.deserialize(jobs_of(task).first.reject { |key, _| key.is_a?(Symbol) })
    job.provider_job_id = "1"
    forget_jobs
    error = nil
    lines = LogRecorder.lines(level: :error) { error = refusing(way, **) { error_of(job) } }
    { error: error&.class, again: jobs_of(task).map { |queued| queued["job_id"] == job.job_id }, note: note_of(task),
      status: Tasker::Task.find(task.task_id).status, log: lines.join(" ") }
  end

  def error_of(job)
    job.perform_now && nil
  rescue Exception => e # rubocop:disable Lint/RescueException -- looked at by the examples
    e
  end

  def note_of(task)
    Tasker::TaskTransition.where(task_id: task.task_id, most_recent: true).pick(:metadata)["resumption"]
  end

  ways = { "throws :abort in a callback" => :abort, **errors, "discards it" => discarding }

  shared_examples "the engine" do
    ways.each do |name, way|
      it "has the running job come again where the queue #{name}: it makes no other" do
        expect(run_job_while_refusing(way)).to include(error: nil, again: [true], note: nil, status: "pending")
      end
    end
  end

  it_is_the_engine_without :retries

  context "with the default fixes on", repairs: RepairSwitches::DEFAULT do
    ways.each do |name, way|
      it "has the running job come again where the queue #{name}, and notes no job that does not exist" do
        ended = run_job_while_refusing(way)
        expect(ended).to include(error: nil, again: [true], note: nil, status: "pending")
        expect(ended[:log]).to match(/task \d+ stays pending: \S/)
      end

      it "has the job fail where the queue #{name} and does not take the running one again either, so that the queue keeps it" do
        ended = run_job_while_refusing(way, retries: true)
        expect(ended).to include(again: [], note: nil, status: "pending")
        # What the adapter itself raises while the job is put back goes to the queue as it is.
        expect(ended[:error]).to eq({ "raises another error" => IOError, "cannot wait" => NotImplementedError }.fetch(name, Tasker::RetryableError))
      end
    end

    it "completes the task once the queue takes jobs again" do
      task = workflow.create
      job = jobs_of(task).first
      refusing(:abort) { run_job(job) }
      let_time_pass(task, 60)
      run_job(jobs_of(task).first)
      expect([Tasker::Task.find(task.task_id).status, jobs_of(task)]).to eq(["complete", []])
    end

    it "enqueues a job at the next run of the task, if it could not before" do
      task = workflow.create.tap { forget_jobs }
      refusing(:abort) { workflow.run(Tasker::Task.find(task.task_id)) }
      expect([jobs_of(task), note_of(task)]).to eq([[], nil])
      workflow.run(Tasker::Task.find(task.task_id))
      expect(jobs_of(task).map { |job| job["job_id"] }).to eq([note_of(task)["job_id"]])
    end

    it "believes a re-enqueuer of the application's that has jobs of another kind" do
      strategy = Class.new { define_method(:reenqueue_task_delayed) { |*, **| true } }.new
      task = workflow.create.tap { forget_jobs }
      refusing(:abort) { workflow.run(Tasker::Task.find(task.task_id)) }
      resumption = TaskerCore::Fixes::Retries::Resumption.new(Tasker::Task.find(task.task_id), strategy)
      lines = LogRecorder.lines { resumption.arrange(stuck: false) }
      expect(lines.join).to include("task #{task.task_id} is taken up again")
      expect(lines.join).not_to include("stays pending")
    end

    it "takes a job for enqueued that is handed over when the caller's transaction is committed" do
      with_adapter(discarding.new.tap { |adapter| adapter.refuses = ->(*) { false } }) do
        task = workflow.create.tap { forget_jobs }
        Tasker::ApplicationRecord.transaction do
          attempts = TaskerCore::Fixes::JobAtWork.attempts(task.task_id) do
            Tasker::TaskRunnerJob.enqueue_after_transaction_commit = :always
            Tasker::TaskRunnerJob.set(wait: 5).perform_later(task.task_id)
          end
          expect([attempts.refused?, jobs_of(task)]).to eq([false, []])
        end
        expect(jobs_of(task).size).to eq(1)
      ensure
        Tasker::TaskRunnerJob.enqueue_after_transaction_commit = :default
      end
    end
  end
end
