# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::BackoffOverflow do
  readiness = Tasker::Functions::FunctionBasedStepReadinessStatus
  contexts = Tasker::Functions::FunctionBasedTaskExecutionContext

  def failed_task(attempts)
    make_task("in_progress").tap { |task| make_step(task, "a", "in_progress", "error", attempts:, retry_limit: (2**31) - 1) }
  end

  # @return [Array(ScriptedWorkflow, Tasker::Task)] with a step that has failed 44 times
  def make_workflow
    workflow = ScriptedWorkflow.new("overflow_#{SecureRandom.hex(4)}", {}, retry_limit: 100)
    task = workflow.create
    step = task.workflow_steps.joins(:named_step).find_by!(named_step: { name: "a" })
    make_history(step, "in_progress", "error")
    step.update_columns(attempts: 44)
    [workflow, task]
  end

  questions = {
    "readiness of a task" => ->(task) { readiness.for_task(task.task_id).map(&:attributes) },
    "readiness of tasks" => ->(task) { readiness.for_tasks([task.task_id]).map(&:attributes) },
    "the context of a task" => ->(task) { [contexts.find(task.task_id).attributes] },
    "contexts of tasks" => ->(task) { contexts.for_tasks([task.task_id]).map(&:attributes) },
    "viable steps" => ->(task) { Tasker::WorkflowStep.get_viable_steps(task, Struct.new(:steps).new(task.workflow_steps)).map(&:attributes) }
  }
  different = %w[task_id workflow_step_id attempts next_retry_at last_failure_at]

  shared_examples "the engine" do
    questions.each do |name, question|
      it "fails when it is asked for #{name}" do
        expect { question.call(failed_task(44)) }.to raise_error(ActiveRecord::StatementInvalid, /interval out of range/)
      end
    end

    it "fails a workflow whose step has been tried too often" do
      workflow, task = make_workflow
      expect { workflow.run(task) }.to raise_error(ActiveRecord::StatementInvalid, /interval out of range/)
    end
  end

  it_is_the_engine_without :backoff_overflow

  context "with the fix off" do
    questions.each do |name, question|
      it "says the same about #{name} with fewer attempts, by Rust" do
        task = failed_task(43)
        expect { question.call(task) }.to answer_alike
        expect(answers_given.values.sum { |counts| counts[:engine] }).to eq(0)
      end
    end
  end

  context "with the fix on", repairs: %i[backoff_overflow] do
    questions.each do |name, question|
      [44, 1024, 2**30].each do |attempts|
        it "answers #{name} after #{attempts} attempts as after 43" do
          few, many = [43, attempts].map { |count| question.call(failed_task(count)).map { |row| row.except(*different) } }
          expect(many).to eq(few)
        end
      end
    end

    it "completes a workflow whose step has been tried so often, once it has waited", repairs: %i[backoff_overflow retries] do
      workflow, task = make_workflow
      workflow.run(task)
      expect(task.status).to eq("pending")
      let_time_pass(task, 31)
      workflow.run(Tasker::Task.find(task.task_id))
      expect(task.status).to eq("complete")
    ensure
      forget_jobs
    end

    it "waits for 30 seconds" do
      row = readiness.for_task(failed_task(44).task_id).first
      expect(row.next_retry_at - row.last_failure_at).to eq(30)
    end
  end
end
