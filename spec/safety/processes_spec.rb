# frozen_string_literal: true

require_relative "../rails_helper"

# Eight processes that want the same. They begin with each owner and each task together.
RSpec.describe "Processes that race each other" do
  processes = 8

  # What the engine's callers are prepared for.
  refusals = %w[Statesman::TransitionFailedError Statesman::GuardFailedError Statesman::TransitionConflictError]

  # Has the processes do their work for one order after the other.
  #
  # @yieldparam order [Object] what JSON knows
  # @return [Array<Array>] for each order what each process has returned, and what `look` finds then
  def race(processes, orders, look:, &)
    group = ProcessGroup.new(processes, &)
    orders.map { |order| [group.call(order), look.call(order)] }
  ensure
    group.stop
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

    # What a worker does with a task whose job it has: it starts it, unless another one has, and does what is there to be done.
    def work_on(workflow, task_id)
      task = Tasker::Task.find(task_id)
      case task.status
      when "pending" then workflow.run(task)
      when "in_progress" then Tasker::Orchestration::WorkflowCoordinator.new.execute_workflow(task, workflow.handler)
      end
    rescue Tasker::ProceduralError
      retry # another one has started it meanwhile
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

    # A worker that finds another one's step at work puts the task back with a job, and runs that. Nobody comes later who might mend what is
    # left without one.
    #
    # @return [Array<String>] what has become of each task when all processes had left it
    define_method(:race_over) do |tasks|
      look = ->(task_id) { Tasker::Task.find(task_id).status }
      states = race(processes, tasks.keys, look:) do |task_id|
        eventually("task #{task_id} to be left without a job") do
          forget_jobs
          work_on(tasks[task_id], task_id)
          jobs_of(Tasker::Task.new(task_id:)).empty?
        end
      end
      states.map(&:last)
    end

    # @return [Array<Array(Integer, Integer, Integer)>] a step, its task, and the process that has run it
    def executions
      Tasker::ApplicationRecord.connection.select_rows(<<~SQL)
        SELECT step, task_id, process FROM executions JOIN tasker_workflow_steps ON workflow_step_id = step
      SQL
    end

    # @return [Integer] how many tasks had their steps run by more than one process
    def shared
      executions.group_by(&:second).count { |_, runs| runs.map(&:last).uniq.size > 1 }
    end

    # How often more than one process finds something to do depends on the machine: further tasks follow until enough were shared.
    enough = 10
    batches = 20

    { "with only the fixes for races" => [60, %i[race_loser task_completion]],
      "with the fixes that are on by default" => [200, RepairSwitches::DEFAULT] }.each do |which, (count, repairs)|
      it "run each step of #{count} tasks once and leave none that waits for a step that is done, #{which}", repairs: do
        note_executions
        made = (1..batches).each_with_object([]) do |_, ids|
          tasks = make_tasks(shapes, count)
          expect(race_over(tasks).tally).to eq("complete" => count)
          ids.concat(tasks.keys)
          break ids if shared >= enough
        end
        steps = Tasker::WorkflowStep.where(task_id: made)
        expect(executions.map(&:first)).to match_array(steps.ids)
        expect(steps.pluck(:attempts, :processed).tally).to eq([1, true] => steps.size)
        expect(RowFaults.of(*made)).to be_empty
        expect(shared).to be >= enough # or hardly anybody has raced
      end
    end
  end
end
