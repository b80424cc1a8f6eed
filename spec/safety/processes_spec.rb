# frozen_string_literal: true

require_relative "../rails_helper"

# Eight processes that want the same. They begin with each owner and each task together, and nobody comes later who might mend what is left.
RSpec.describe "Processes that race each other" do
  processes = 8

  # What the engine's callers are prepared for.
  refusals = %w[Statesman::TransitionFailedError Statesman::GuardFailedError Statesman::TransitionConflictError]

  # Has the processes do their work for one order after the other.
  #
  # @yieldparam order [Object] what JSON knows
  # @return [Array<Array>] for each order what each process has returned, and what `look` finds then
  def race(processes, orders, look:, &)
    crew = Crew.new(processes, &)
    orders.map { |order| [crew.call(order), look.call(order)] }
  ensure
    crew.dismiss
  end

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
    rounds = race(processes, owners.each_index, look: ->(index) { owners[index].status }) do |index|
      outcome = Outcome.of { owners[index].state_machine.transition_to!("in_progress") }
      [Process.pid, outcome.error ? outcome.error[:class].name : outcome.value]
    end
    told, states = rounds.transpose
    winners = told.map { |results| results.filter_map { |pid, result| pid if result == true } }
    expect(winners.map(&:size).tally).to eq(1 => 1_000)
    expect(states.tally).to eq("in_progress" => 1_000)
    expect(told.flatten(1).map(&:last).uniq - [true, *refusals]).to be_empty
    expect(winners.flatten.tally.values).to match(Array.new(processes, a_value > 20)) # or somebody has not raced
    expect(RowFaults.of(*owners.grep(Tasker::Task).map(&:id))).to be_empty
  end

  describe "over workflows" do
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

    # @return [Array<String>] what has become of each task when all processes had left it
    def race_over(tasks, processes)
      note_executions
      look = ->(task_id) { Tasker::Task.find(task_id).status }
      race(processes, tasks.keys, look:) { |task_id| work_on(tasks[task_id], task_id) && nil }.map(&:last)
    end

    # @return [Array<Array(Integer, Integer, Integer)>] a step, its task, and the process that has run it
    def executions
      Tasker::ApplicationRecord.connection.select_rows(<<~SQL)
        SELECT step, task_id, process FROM executions JOIN tasker_workflow_steps ON workflow_step_id = step
      SQL
    end

    { "with those repairs alone that are about it" => [60, %i[race_loser task_completion]],
      "with the repairs that are on by default" => [200, RepairSwitches::DEFAULT] }.each do |which, (count, repairs)|
      it "run each step of #{count} tasks once and leave none that waits for a step that is done, #{which}", repairs: do
        tasks = make_tasks(shapes, count)
        expect(race_over(tasks, processes).tally).to eq("complete" => count)
        steps = Tasker::WorkflowStep.where(task_id: tasks.keys)
        expect(executions.map(&:first)).to match_array(steps.ids)
        expect(steps.pluck(:attempts, :processed).tally).to eq([1, true] => steps.size)
        expect(RowFaults.of(*tasks.keys)).to be_empty
        sharers = executions.group_by(&:second).transform_values { |runs| runs.map(&:last).uniq.size }
        expect(sharers.values.count { |number| number > 1 }).to be > count / 4 # or hardly anybody has raced
      end
    end
  end
end
