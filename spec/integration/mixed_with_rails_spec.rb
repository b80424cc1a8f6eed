# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_workers"

# Tasks whose steps Rails and Rust workers execute together.
RSpec.describe TaskerCore::RustSteps, repairs: RepairSwitches::DEFAULT, watch: true do
  include Recovering

  before(:context) { RustWorkers.build }

  before do
    TableQueue.create
    @adapter = ActiveJob::Base.queue_adapter
    ActiveJob::Base.queue_adapter = TableQueue.new
  end

  after do
    @workers&.each(&:kill)
    ActiveJob::Base.queue_adapter = @adapter
    TableQueue.drop
  end

  def rust(worker) = worker.tap { (@workers ||= []) << worker }

  # Runs the jobs of the queue here until the block is true.
  # @return [Integer] how many there were
  def run_jobs_until(what, &)
    jobs = 0
    eventually(what) do
      job = TableQueue.take
      jobs += 1 if job
      Outcome.of { ActiveJob::Base.execute(job) } if job
      Tasker::ApplicationRecord.uncached(&)
    end
    jobs
  end

  def complete?(*tasks) = Tasker::Task.where(task_id: tasks.map(&:task_id), complete: true).count == tasks.size

  def results(task)
    Tasker::WorkflowStep.where(task_id: task.task_id).to_h { |step| [step.name, step.results] }
  end

  it "runs the example: Rails creates an order, both execute it" do
    load File.expand_path("../../examples/mixed_with_rails/order_handler.rb", __dir__)
    request = Tasker::Types::TaskRequest.new(name: "mixed_order", namespace: "shop", version: "1.0.0", context: { "amount" => 120 })
    rust(RustWorkers.start_example)
    task = MixedOrderHandler.new.initialize_task!(request)
    jobs = run_jobs_until("the order to be complete") { complete?(task) }
    charged = results(task).fetch("charge")
    expect(results(task)).to include("reserve" => { "amount" => 120, "by" => "rails" },
                                     "confirm" => { "confirmed" => 120, "by" => "rails" })
    expect(charged).to include("charged" => 120, "by" => "rust")
    # One begins, one goes on after the Rust step.
    expect(jobs).to be <= 3
    expect(@workers.pop.stop).to eq("1 tasks handed over\n")
  end

  it "alternates between both, retries each side's steps, and leaves no jobs behind" do
    flaky = ->(_task, _sequence, step) { step.attempts.to_i.zero? ? raise("not yet") : { "step" => "c" } }
    workflow = MixedWorkflow.new("mixed_turns", { "c" => flaky }, rust: %w[b d], retry_limit: 3)
    rust(RustWorkers.start(workflow, %w[b d], grace: 30, fails: { "d" => 1 }))
    tasks = Array.new(3) { workflow.create({ "batch" => SecureRandom.hex(4) }) }
    run_jobs_until("the tasks to be complete") { complete?(*tasks) }
    tasks.each { |task| expect(results(task).fetch("d")).to eq("step" => "d", "by" => "rust") }
    steps = Tasker::WorkflowStep.where(task_id: tasks.map(&:task_id))
    expect(steps.sum(:attempts)).to eq(steps.count + (2 * tasks.size))
    completions = Tasker::WorkflowStepTransition.where(workflow_step_id: steps.ids, to_state: "complete").group(:workflow_step_id).count
    expect(completions.values.tally).to eq(1 => steps.count)
  end

  it "makes no jobs for a task whose next step is executed by Rust workers that are not there" do
    workflow = MixedWorkflow.new("mixed_waiting", {}, rust: %w[b])
    task = workflow.create
    jobs = run_jobs_until("step a") { results(task)["a"] && TableQueue.connection.select_value("select count(*) from spec_jobs").zero? }
    expect(jobs).to eq(1)
    expect(Tasker::Task.find(task.task_id).status).to eq("pending")
    expect(TaskerCore::Recovery.sweep.enqueued).to be_empty
  end

  describe "a sweep of recovery, long after tasks became pending" do
    def let_age(task)
      Tasker::Task.where(task_id: task.task_id).update_all(created_at: 1.day.ago)
      Tasker::TaskTransition.where(task_id: task.task_id).update_all(created_at: 1.day.ago)
    end

    # @return [Array<Integer>] the tasks for which it makes jobs, which are not run
    def sweep_after_a_day(*tasks)
      tasks.each { |task| let_age(task) }
      TaskerCore::Recovery.sweep.enqueued
    end

    def statements(&block)
      count = 0
      counting = ->(*, payload) { count += 1 unless payload[:name] == "SCHEMA" }
      ActiveSupport::Notifications.subscribed(counting, "sql.active_record", &block)
      count
    end

    it "makes no job, however often, for tasks whose next steps are for Rust workers, and one for the others" do
      workflow = MixedWorkflow.new("mixed_swept", {}, rust: %w[a d])
      waiting, both, last = Array.new(3) { workflow.create({ "batch" => SecureRandom.hex(4) }) }
      step = ->(task, name) { task.workflow_steps.find { |candidate| candidate.name == name } }
      complete = lambda do |task, names|
        names.each do |name|
          make_history(step.call(task, name), "in_progress", "complete")
          step.call(task, name).update_columns(processed: true)
        end
      end
      complete.call(both, %w[a b]) # c is for Rails, d for Rust
      complete.call(last, %w[a b c d e])
      3.times { expect(sweep_after_a_day(waiting)).to be_empty }
      expect(sweep_after_a_day(waiting, both, last)).to contain_exactly(both.task_id, last.task_id)
      expect(TaskerCore::Recovery.sweep(dry_run: true).enqueued).to be_empty
      # A Rust worker goes on, and Rails has the next step.
      complete.call(waiting, %w[a])
      expect(sweep_after_a_day(waiting)).to eq([waiting.task_id])
    end

    it "makes no job for tasks of which this application has no handler, once all handlers are loaded" do
      task = make_task("in_progress")
      make_step(task, "a")
      task.task_transitions.update_all(to_state: "pending")
      allow(Rails.application.config).to receive(:eager_load).and_return(true)
      expect(sweep_after_a_day(task)).to be_empty
      allow(Rails.application.config).to receive(:eager_load).and_return(false)
      expect(sweep_after_a_day(task)).to eq([task.task_id])
    end

    it "costs no more statements with more of these tasks" do
      workflow = MixedWorkflow.new("mixed_many", {}, rust: %w[a])
      counts = [3, 30].map do |number|
        Array.new(number) { workflow.create({ "batch" => SecureRandom.hex(4) }) }.each { |task| let_age(task) }
        statements { expect(TaskerCore::Recovery.sweep.enqueued).to be_empty }
      end
      expect(counts.last).to be <= counts.first
    end
  end

  it "enqueues a task that was handed over while no process listened" do
    workflow = MixedWorkflow.new("mixed_unheard", {}, rust: %w[a])
    task = workflow.create
    make_history(task, "in_progress", "pending", metadata: { "tasker_core" => { "handover" => true } })
    step = task.workflow_steps.find { |candidate| candidate.name == "a" }
    make_history(step, "in_progress", "complete")
    step.update_columns(processed: true)
    TableQueue.create
    TaskerCore::Recovery.start
    eventually("one job") { TableQueue.connection.select_value("select count(*) from spec_jobs") == 1 }
    described_class::Handover.enqueue([task.task_id])
    expect(TableQueue.connection.select_value("select count(*) from spec_jobs")).to eq(1)
  end

  it "says why such a workflow runs in the engine's own loop" do
    workflow = MixedWorkflow.new("mixed_reasons", {}, rust: %w[b])
    handler = Tasker::HandlerFactory.instance.get("mixed_reasons", namespace_name: ShapeWorkflow::NAMESPACE, version: ShapeWorkflow::VERSION)
    workflow.create
    expect(TaskerCore::Compatibility.reasons(handler).map(&:to_s)).to include(/leaves steps to Rust workers/)
  end

  it "refuses to execute a step of Rust workers, if the task handler does not leave it to them" do
    workflow = ScriptedWorkflow.new("mixed_alone", {}, handler: TaskerCore::RustStep, steps: { "a" => [] })
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    expect(results(task).dig("a", "error")).to match(/executed by Rust workers: expected a task handler that includes TaskerCore::RustSteps/)
  end
end
