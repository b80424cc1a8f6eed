# frozen_string_literal: true

require_relative "../rails_helper"

# Two workers at one task. One has the last step in hand, ends it and looks what there is to do; the other one comes by, finds nothing to
# do, and puts the task back. Wherever each of them is when the other one goes on: the task is completed, for nobody comes a third time.
RSpec.describe "Two workers at the end of a task" do
  include Interruptions

  # Of some thousands of ways in which their statements may follow each other; which ones, the seed says.
  meetings = 200

  let(:workflow) { ShapeWorkflow.new(Shapes.linear) }

  # Not by `let`, whose lock the process that is forked would find taken.
  before { @process = PausableProcess.new { |task_id| end_last_step(task_id) && look_after(task_id) } }
  after { @process.stop }

  # @return [Tasker::Task] whose last step is in somebody's hands
  def make_task_in(state)
    task = workflow.create
    *done, last = task.workflow_steps.order(:workflow_step_id)
    done.each { |step| make_history(step, "in_progress", "complete") }
    task.workflow_steps.where(workflow_step_id: done).update_all(processed: true, attempts: 1)
    make_history(last, "in_progress")
    task.state_machine.transition_to!("in_progress") if state == "in_progress"
    task
  end

  def end_last_step(task_id)
    step = Tasker::WorkflowStep.where(task_id:).order(:workflow_step_id).last
    step.update_columns(processed: true, attempts: 1)
    step.state_machine.transition_to!("complete")
  end

  def look_after(task_id)
    Tasker::Orchestration::WorkflowCoordinator.new.execute_workflow(Tasker::Task.find(task_id), workflow.handler)
  end

  def come_by(task_id)
    task = Tasker::Task.find(task_id)
    case task.status
    when "pending" then workflow.run(task)
    when "in_progress" then look_after(task_id)
    end
  rescue Tasker::ProceduralError
    retry # the other one has moved it meanwhile
  end

  # What the other one does, at those statements of the worker who comes by that leave no transaction open: he would wait for it.
  #
  # @param begin_after [Numeric] the statement after which he begins
  # @param pause [Integer, nil] his own statement after which he pauses
  # @param go_on_after [Numeric] the statement after which he goes on
  def process_at(task, begin_after, pause, go_on_after)
    begun = false
    lambda do |count|
      next if Tasker::ApplicationRecord.connection.transaction_open?

      begun ||= @process.begin(task.task_id, pause) || true if count >= begin_after
      @process.continue if begun && count >= go_on_after
    end
  end

  # @return [Array(String, Integer, Integer)] what becomes of the task, and both workers' statements
  def meet(state, begin_after = Float::INFINITY, pause = nil, go_on_after = Float::INFINITY)
    task = make_task_in(state)
    process = process_at(task, begin_after, pause, go_on_after)
    count = 0
    at_statements(:after, -> { come_by(task.task_id) }) { process.call(count += 1) }
    process.call(Float::INFINITY)
    [Tasker::Task.find(task.task_id).status, count, @process.statements]
  end

  # @return [Array<Array(Integer, Integer, Integer)>]
  def moments(count, mine, theirs)
    random = Random.new(RSpec.configuration.seed)
    all = (1..mine).to_a.product((1..theirs).to_a, (2..(mine + 1)).to_a)
    all.select { |begin_after, _, go_on_after| begin_after < go_on_after }.sample(count, random:)
  end

  { "the fixes for races" => %i[race_loser task_completion], "the fixes that are on by default" => RepairSwitches::DEFAULT }
    .to_a.product(%w[pending in_progress]).each do |(which, repairs), state|
    it "leave none behind that was #{state} at first, with #{which}", repairs: do
      2.times { meet(state) } # names and classes are warm
      _, mine, theirs = meet(state)
      chosen = moments(meetings, mine, theirs)
      left = chosen.to_h { |moment| [moment, meet(state, *moment).first] }.reject { |_, found| found == "complete" }
      expect(left).to be_empty
    end
  end
end
