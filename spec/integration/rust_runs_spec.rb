# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_runs"
require_relative "../support/rust_tasks"

# A program in Rust (examples/run_tasks.rs) runs the tasks that the engine runs. All columns of all rows are compared; of instants the
# presence.
RSpec.describe "Tasks that a program in Rust runs" do
  before(:context) { RustRuns.build }

  before { @rows_before = RustTasks.last_ids }

  after { RustTasks.remove_rows_after(@rows_before) }

  def results(shape)
    shape.steps.to_h { |name, parents| [name, { "step" => name, "after" => parents.sort }] }
  end

  # Every row of the task, without what only Ruby has: the frames of an error, and the note of the job that comes back.
  def rows(task)
    NormalizedRows.new(task).rows.tap do |rows|
      rows[:steps].each { |step| step["results"]&.delete("backtrace") }
      rows[:task_transitions].each { |transition| transition["metadata"].delete("resumption") }
    end
  end

  # The seconds that each failed step waits.
  def waits(task)
    failed = Tasker::StepReadinessStatus.for_task(task.task_id).select(&:last_failure_at)
    failed.map { |step| [step.name, step.next_retry_at - step.last_failure_at] }.sort
  end

  def task_of(workflow) = Tasker::Task.find(workflow.create.task_id)

  def in_engine(workflow)
    task = task_of(workflow)
    workflow.run(task)
    [rows(task), waits(task)]
  end

  def in_rust(workflow, **)
    task = task_of(workflow)
    outcome = RustRuns.run(task, results: results(workflow.shape), **)
    [rows(task), waits(task), outcome]
  end

  { linear: Shapes.linear, diamond: Shapes.diamond, mixed: Shapes.mixed, fan: Shapes.fan(5) }.each do |name, shape|
    it "leave the rows that the engine leaves: #{name}" do
      workflow = ShapeWorkflow.new(shape)
      engine = TaskerCore.without { in_engine(workflow) }
      *rust, outcome = in_rust(workflow)
      expect(rust).to eq(engine)
      expect(outcome).to eq("Complete")
    end
  end

  seed = RSpec.configuration.seed
  # Size, failing steps, steps at the same time. Of one attempt each: with more the engine goes round and round once a wait is over.
  [[1, 0, 3], [8, 0, 2], [12, 0, 1], [9, 2, 3], [9, 3, 2], [12, 1, 3]].each_with_index do |(size, failures, slots), index|
    it "leave the rows that the engine leaves: a random graph of #{size} steps, #{failures} of them failing" do
      random = Random.new(seed + index)
      shape = Shapes.random(size, random, name: "rust_run_#{index}")
      failing = shape.steps.keys.sample(failures, random:)
      workflow = ShapeWorkflow.new(shape.with(failing:, retry_limit: 1))
      engine = TaskerCore.without { in_engine(workflow) }
      *rust, outcome = in_rust(workflow, fails: failing.index_with(1), slots:)
      expect(rust).to eq(engine)
      expect(outcome).to start_with(failures.zero? ? "Complete" : "Blocked")
    end
  end

  # The engine itself never tries a step again (repair `retries`), so this compares with the gem.
  it "retry a failed step as the gem does, when its wait is over", repairs: %i[retries] do
    flaky = lambda do |_task, _sequence, step|
      raise "b does not work" if step.attempts.to_i.zero?

      { "step" => "b", "after" => ["a"] }
    end
    script = results(ScriptedWorkflow.new("rust_retries_shape", {}).shape).transform_values { |result| ->(*) { result } }
    workflow = ScriptedWorkflow.new("rust_retries", script.merge("b" => flaky), retry_limit: 3)
    gem, rust = [true, false].map do |ruby|
      task = task_of(workflow)
      # Longer than any machine stands still.
      task.workflow_steps.update_all(backoff_request_seconds: 3600)
      Array.new(2) do
        ruby ? workflow.run(Tasker::Task.find(task.task_id)) : RustRuns.run(task, results: results(workflow.shape), fails: { "b" => 1 })
        found = rows(task)
        wait_is_over(task)
        found
      end
    end
    expect(rust).to eq(gem)
    expect(gem.last[:tasks].pluck("complete")).to eq([true])
  end

  def wait_is_over(task)
    task.workflow_steps.where.not(last_attempted_at: nil).update_all("last_attempted_at = last_attempted_at - interval '2 hours'")
    Tasker::WorkflowStepTransition.joins(:workflow_step).where(tasker_workflow_steps: { task_id: task.task_id }, to_state: "error")
                                  .update_all("created_at = tasker_workflow_step_transitions.created_at - interval '2 hours'")
  end
end
