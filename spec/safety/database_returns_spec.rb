# frozen_string_literal: true

require_relative "../rails_helper"

# The database goes away and comes back, while the process and its connection pool stay as they are.
RSpec.describe "A database that goes away and comes back" do
  outage = nil

  before(:context) { outage = DatabaseOutage.new }
  after { outage.end }
  after(:context) { outage.close }

  # By what is asked for: how, what comes of it when all is well, and which methods Rust has to have answered then.
  calls = {
    "a state" => [lambda(&:status), "pending", %w[TaskStateMachine#current_state]],
    "a transition" => [->(task) { task.workflow_steps.min_by(&:workflow_step_id).state_machine.transition_to!("in_progress") }, true,
                       %w[StepStateMachine#transition_to!]],
    "a workflow" => [->(task) { ShapeWorkflow.new(Shapes.diamond).run(task) || task.status }, "complete",
                     %w[WorkflowStep.get_viable_steps StepStateMachine#transition_to! TaskFinalizer#complete_task]]
  }

  # @return [Tasker::Task] whose steps are loaded, so that what is asked about them is the first question
  def make_task
    ShapeWorkflow.new(Shapes.diamond).create.tap { |task| task.workflow_steps.load }
  end

  # @return [Array<Class>] what is raised without the gem and with it
  def errors_of(outcomes) = outcomes.map { |outcome| outcome.value.error&.fetch(:class) }

  calls.each do |what, (call, answer, overrides)|
    it "gives the engine's error for #{what} meanwhile, and Rust's answer afterwards" do
      tasks = []
      outcomes = off_and_on do
        tasks << make_task
        expect(outage.begin).to be_positive
        Outcome.of { call.call(tasks.last) }.tap { outage.end }
      end
      expect(errors_of(outcomes)).to all(be < ActiveRecord::ActiveRecordError)
      expect(errors_of(outcomes).uniq.size).to eq(1)

      TaskerCore.reset_stats
      expect(tasks.map { |task| call.call(task) }).to all(eq(answer))
      expect(answers_given.values_at(*overrides)).to all(include(rust: a_value >= tasks.size, engine: 0))
      expect(RowFaults.of(*tasks.map(&:task_id))).to be_empty
    end
  end

  # Which statement is the first to fail is a matter of chance, and not all of the engine's are repeated by ActiveRecord: so the classes may
  # differ here.
  it "amid a workflow is an error of the database, and the workflow is completed afterwards" do
    taken = nil
    workflow = ScriptedWorkflow.new("outage", { "b" => ->(*) { (taken ||= outage.begin) && {} } })
    tasks = []
    outcomes = off_and_on do
      taken = nil
      tasks << workflow.create
      Outcome.of { workflow.run(tasks.last) }.tap { outage.end }
    end
    expect(taken).to be_positive
    expect(errors_of(outcomes)).to all(be < ActiveRecord::ActiveRecordError)
    expect(tasks.map { |task| Tasker::Task.find(task.task_id).status }).to all(eq("in_progress"))

    TaskerCore.reset_stats
    tasks.each { |task| RunningOn.run_on(workflow, task) }
    expect(tasks.map { |task| Tasker::Task.find(task.task_id).status }).to all(eq("complete"))
    expect(answers_given["TaskFinalizer#complete_task"]).to eq(rust: 2, engine: 0)
    expect(RowFaults.of(*tasks.map(&:task_id))).to be_empty
  end
end
