# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::TaskRunnerJob do
  let(:job_class) { Tasker::TaskRunnerJob }

  before { forget_jobs }

  # A workflow whose step `a` does that, and its task.
  def task_whose_step(retry_limit: 1, &script)
    ScriptedWorkflow.new("job_#{SecureRandom.hex(4)}", { "a" => script }, retry_limit:).create
  end

  # After so many attempts it waits for half a minute.
  def task_with_a_wait
    failing_task(retry_limit: 9).tap { |task| Tasker::WorkflowStep.where(task_id: task.task_id).update_all(attempts: 4) }
  end

  def failing_task(**) = task_whose_step(**) { |*| raise "no" }

  # Runs the job of a task from the queue.
  # @return [Array] what became of the task, of the job, and how often it was put back
  def run_job_of(task)
    outcome = Outcome.of { run_job(jobs_of(task).first) && nil }
    [Tasker::Task.find(task.task_id).status, outcome.error&.fetch(:class), jobs_of(task).map { |job| job["executions"] }]
  end

  def raise_in_job(error)
    allow_any_instance_of(job_class).to receive(:execute_task_with_monitoring).and_raise(error)
    task = make_task("pending").tap { |made| job_class.perform_later(made.task_id) }
    run_job_of(task).last(2)
  end

  def final_status_logged(task)
    Tasker::Configuration.configuration.telemetry
    logged = nil
    allow_any_instance_of(job_class).to receive(:log_structured) do |_, *, **context|
      logged = context[:final_status] if context[:operation] == "task_runner_job_execution"
    end
    run_job_of(task)
    logged
  end

  # Has each run of a job raise that error.
  # @return [Array<Float, nil>] for each run, in how many seconds the next one is due; nil after the last one
  def waits_after(error)
    allow_any_instance_of(job_class).to receive(:execute_task_with_monitoring).and_raise(error)
    task = make_task("pending").tap { |made| job_class.perform_later(made.task_id) }
    waits = []
    while (job = jobs_of(task).first)
      Outcome.of { run_job(job) }
      waits << waits_of(task).first
    end
    waits
  end

  # @return [Tasker::Task] that is cancelled while its job runs
  def cancelled_task
    task_whose_step do |current, *|
      Tasker::Task.find(current.task_id).state_machine.transition_to!("cancelled")
      {}
    end
  end

  shared_examples "the engine" do
    it "ends in a NameError, which is retried, when its task has failed or waits" do
      expect(run_job_of(failing_task)).to eq(["error", nil, [1]])
      expect(run_job_of(task_with_a_wait)).to eq(["pending", nil, [1]])
      lines = LogRecorder.lines { run_job_of(failing_task) }
      expect(lines.join).to include("uninitialized constant Tasker::Constants::TaskStatuses::FAILED")
    end

    it "treats all errors alike: three times, three seconds apart" do
      expect(raise_in_job(Tasker::RetryableError.new("later"))).to eq([nil, [1]])
      expect(raise_in_job(Tasker::PermanentError.new("never"))).to eq([nil, [1]])
      waits = [be_between(2, 4), be_between(2, 4), nil]
      expect([Tasker::RetryableError, Tasker::PermanentError].map { |error| waits_after(error.new("no")) }).to match([waits, waits])
    end

    it "ends in a NameError, which is retried, when the task was cancelled meanwhile" do
      expect(run_job_of(cancelled_task)).to eq(["cancelled", nil, [1]])
    end

    it "fails with a task that is complete" do
      task = task_whose_step { |*| {} }
      twin = jobs_of(task).first.deep_dup
      expect(run_job_of(task)).to eq(["complete", nil, []])
      lines = LogRecorder.lines { ActiveJob::Base.execute(twin.reject { |key, _| key.is_a?(Symbol) }) }
      expect(lines.join).to include("task already complete for task #{task.task_id}")
    end

    it "logs the final status as unknown" do
      expect(final_status_logged(task_whose_step { |*| {} })).to eq("unknown")
    end
  end

  it_is_the_engine_without :task_runner_job

  context "with the fix on", repairs: %i[task_runner_job] do
    it "is discarded when its task has failed for good" do
      expect(run_job_of(failing_task)).to eq(["error", nil, []])
    end

    it "is retried with growing waits while its task can still be run" do
      task = task_with_a_wait
      expect(run_job_of(task)).to eq(["pending", nil, [1]])
      expect(waits_of(task)).to contain_exactly(be_between(2, 4))
    end

    it "is run five times for an error that says so, with growing waits, and three times for others" do
      # The fourth power of the attempts, and a little more.
      growing = [2..5, 17..22, 82..97, 257..300].map { |range| be_between(range.begin, range.end) }
      expect(waits_after(Tasker::RetryableError.new("later"))).to match([*growing, nil])
      expect(waits_after(RuntimeError.new("other"))).to match([be_between(2, 4), be_between(2, 4), nil])
    end

    it "has done its part when another job goes on with the task" do
      with_repairs(:task_runner_job, :retries) do
        task = task_with_a_wait
        lines = LogRecorder.lines { expect(run_job_of(task)).to eq(["pending", nil, [0]]) }
        expect(lines.join).to include("task #{task.task_id} is pending: another job goes on with it")
        expect(lines.join).not_to include("Task processing failed")
      end
    end

    it "is no failure when the task was cancelled meanwhile" do
      expect(run_job_of(cancelled_task)).to eq(["cancelled", nil, []])
    end

    it "finds nothing left to do for a task that is complete" do
      task = task_whose_step { |*| {} }
      twin = jobs_of(task).first.deep_dup
      expect(run_job_of(task)).to eq(["complete", nil, []])
      lines = LogRecorder.lines { ActiveJob::Base.execute(twin.reject { |key, _| key.is_a?(Symbol) }) }
      expect(lines.join).to include("task #{task.task_id} is complete: nothing is left to run")
      expect(lines.join).not_to include("task already complete")
    end

    it "follows the rule that is declared for the error" do
      expect(raise_in_job(Tasker::PermanentError.new("never"))).to eq([nil, []])
      expect(raise_in_job(Tasker::RetryableError.new("later"))).to eq([nil, [1]])
      expect(raise_in_job(RuntimeError.new("other"))).to eq([nil, [1]])
    end

    it "logs the final status" do
      expect(final_status_logged(task_whose_step { |*| {} })).to eq("complete")
    end
  end
end
