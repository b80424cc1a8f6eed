# frozen_string_literal: true

require_relative "../rails_helper"

# What ActiveRecord's own methods answer on the engine's models, within a workflow that the engine runs and beside one.
RSpec.describe TaskerCore::Frames::Models do
  let!(:task) { make_three_step_task }
  let!(:other) { make_task("error") }

  # The answer with the gem off, with it on, and while the task is run.
  def everywhere(&block)
    off, on = off_and_on(&block)
    run = Outcome.of { TaskerCore::Run.of(task.task_id, &block) }
    [off, on, run]
  end

  def expect_everywhere(outcome, &)
    expect(everywhere(&)).to all(eq(outcome))
  end

  def answer(value) = Outcome.new(value:, error: nil)

  describe "Task.find" do
    it "finds one by its id, whatever that is written as" do
      expect_everywhere(answer(task)) { Tasker::Task.find(task.task_id) }
      expect_everywhere(answer(task)) { Tasker::Task.find(task.task_id.to_s) }
      expect_everywhere(answer(other)) { Tasker::Task.find(other.task_id) }
    end

    it "finds several" do
      expect_everywhere(answer([task, other])) { Tasker::Task.find(task.task_id, other.task_id) }
      expect_everywhere(answer([task])) { Tasker::Task.find([task.task_id]) }
    end

    it "searches with a block" do
      expect_everywhere(answer(other)) { Tasker::Task.find { |one| one.task_id == other.task_id } }
      expect_everywhere(answer(nil)) { Tasker::Task.find { |one| one.task_id.zero? } }
      expect_everywhere(answer(:none)) { Tasker::Task.find(-> { :none }) { |one| one.task_id.zero? } }
      expect_everywhere(answer(other)) { Tasker::Task.where(task_id: other.task_id).find { |one| one.status == "error" } }
    end

    it "names what it does not find" do
      missing = other.task_id + 1
      off, *rest = everywhere { Tasker::Task.find(missing) }
      expect(off.error).to include(class: ActiveRecord::RecordNotFound, message: "Couldn't find Tasker::Task with 'task_id'=#{missing}")
      expect(rest).to all(eq(off))
    end
  end

  describe "the number of a task's steps" do
    it "is counted as it is asked for" do
      expect_everywhere(answer(3)) { Tasker::Task.find(task.task_id).workflow_steps.count }
      expect_everywhere(answer(3)) { Tasker::Task.find(task.task_id).workflow_steps.count(:attempts) }
      expect_everywhere(answer(2)) { Tasker::Task.find(task.task_id).workflow_steps.count { |step| !step.processed } }
      expect_everywhere(answer(2)) { Tasker::Task.find(task.task_id).workflow_steps.where(processed: false).count }
    end
  end

  describe "a job" do
    it "takes what Active Job takes" do
      forget_jobs
      answers = everywhere do
        Tasker::TaskRunnerJob.perform_later(task.task_id, correlation_id: "c1") { |job| job.scheduled_at = Time.utc(2030) }
        jobs_of(task).map { |job| [job[:args], job[:at]] }.tap { forget_jobs }
      end
      expect(answers.first.value).to match([[[task.task_id, hash_including("correlation_id" => "c1")], anything]])
      expect(answers).to all(eq(answers.first))
    end
  end
end
