# frozen_string_literal: true

require_relative "../rails_helper"

# Eight processes that want the same.
RSpec.describe "Processes that race each other" do
  include Forks

  processes = 8

  # What the engine's callers are prepared for.
  refusals = %w[Statesman::TransitionFailedError Statesman::GuardFailedError Statesman::TransitionConflictError]

  # @return [Array<ActiveRecord::Base>] 500 steps and 500 tasks
  def make_owners
    task = { named_task_id: WorkflowRows.named_task_id, requested_at: Time.current, context: {} }
    tasks = Tasker::Task.insert_all!(Array.new(500) { { **task, identity_hash: SecureRandom.uuid } }).rows.flatten
    step = { named_step_id: WorkflowRows.named_step_id("a"), attempts: 0, inputs: {}, results: {} }
    steps = Tasker::WorkflowStep.insert_all!(tasks.map { |task_id| { **step, task_id: } }).rows.flatten
    [*Tasker::WorkflowStep.where(workflow_step_id: steps), *Tasker::Task.where(task_id: tasks)]
  end

  it "have one winner for each of 1,000 transitions" do
    owners = make_owners
    outcomes = in_processes(processes) do
      owners.map do |owner|
        outcome = Outcome.of { owner.state_machine.transition_to!("in_progress") }
        outcome.error ? outcome.error[:class].name : outcome.value
      end
    end
    winners = outcomes.transpose.map { |race| race.each_index.select { |index| race[index] == true } }
    expect(winners.map(&:size).tally).to eq(1 => 1_000)
    expect(winners.flatten.uniq.size).to be > 1 # or nobody has raced
    expect(outcomes.flatten.uniq - [true, *refusals]).to be_empty
    expect(RowFaults.of(*owners.grep(Tasker::Task).map(&:id))).to be_empty
  end

  describe "over workflows", repairs: %i[race_loser task_completion] do
    # Fan-ins, narrow and broad, a graph that skips levels, and one with a wide join.
    shapes = [Shapes.diamond, Shapes.mixed, Shapes.fan_in(5), Shapes.fan(4).with(name: "narrow_fan")]

    # Each handler's call is a row of its own, in the database.
    before { Tasker::ApplicationRecord.connection.execute("CREATE TABLE IF NOT EXISTS executions (step bigint, process int)") }
    after { Tasker::ApplicationRecord.connection.execute("DROP TABLE executions") }

    # What a worker does with a task that it was told of: it starts it, unless somebody has, and does what is there to be done.
    def work_on(workflow, task_id)
      task = Tasker::Task.find(task_id)
      case task.status
      when "pending" then workflow.run(task)
      when "in_progress" then Tasker::Orchestration::WorkflowCoordinator.new.execute_workflow(task, workflow.handler)
      end
    rescue Tasker::ProceduralError
      retry # somebody has started it meanwhile
    end

    def note_executions
      allow_any_instance_of(ShapeWorkflow::Succeed).to receive(:process).and_wrap_original do |original, task, sequence, step|
        step.class.connection.execute("INSERT INTO executions VALUES (#{step.id}, #{Process.pid})")
        original.call(task, sequence, step)
      end
    end

    # @return [Hash{Integer => ShapeWorkflow}] by task
    def make_tasks(shapes, count)
      shapes.map { |shape| ShapeWorkflow.new(shape) }.each_with_object({}) do |workflow, tasks|
        (count / shapes.size).times { |batch| tasks[workflow.create({ "batch" => batch }).task_id] = workflow }
      end
    end

    def states_of(tasks) = Tasker::Task.find(tasks.keys).to_h { |task| [task.task_id, task.status] }

    it "run each step of 200 tasks once, whoever does what, and leave none that waits for a step that is done" do
      tasks = make_tasks(shapes, 200)
      note_executions
      in_processes(processes) { tasks.each { |task_id, workflow| work_on(workflow, task_id) } && nil }
      steps = Tasker::WorkflowStep.where(task_id: tasks.keys)
      executions = steps.klass.connection.select_rows("SELECT step, process FROM executions")
      expect(executions.map(&:first)).to match_array(steps.ids)
      expect(executions.map(&:last).tally.size).to be > 1 # or nobody has raced
      expect(steps.pluck(:attempts, :processed).tally).to eq([1, true] => steps.size)
      expect(RowFaults.of(*tasks.keys)).to be_empty
      expect(states_of(tasks).values.tally).to eq("complete" => 200)
    end
  end
end
