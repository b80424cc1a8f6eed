# frozen_string_literal: true

require_relative "../rails_helper"

# They have no override of their own: each asks for one row of readiness, and that Rust answers.
RSpec.describe Tasker::WorkflowStep, "and what it says of itself", :transactional do
  readiness = "FunctionBasedStepReadinessStatus.for_task"
  predicates = %i[
    complete? in_progress? pending? in_error? cancelled? ready_status? ready? dependencies_satisfied? retry_eligible? has_retry_attempts?
    retry_exhausted? waiting_for_backoff? can_retry_now? root_step?
  ]

  before(:context) do
    tasks = RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 5)
    @ids = Tasker::WorkflowStep.where(task_id: tasks.map(&:id)).order(:workflow_step_id).ids
  end

  predicates.each do |predicate|
    it "#{predicate} is answered by Rust" do
      expect { @ids.map { |id| described_class.find(id).public_send(predicate) } }.to answer_alike.by(readiness)
    end

    it "#{predicate} says the same of a step that is not saved" do
      expect { described_class.new.public_send(predicate) }.to answer_alike
    end
  end

  it "leaf_step? is answered by Rust" do
    expect { @ids.map { |id| described_class.find(id).leaf_step? } }.to answer_alike.by("StepDagRelationship.all")
  end

  it "asks once for all of them, and again after a reload" do
    step = described_class.find(@ids.first)
    expect(count_queries { predicates.each { |predicate| step.public_send(predicate) } }).to eq(1)
    expect(count_queries { step.reload.ready? }).to eq(2)
  end

  it "caches the state until it is reloaded" do
    history = lambda do
      step = make_step(make_task("in_progress"), "a")
      [step.pending?, step.state_machine.transition_to!("in_progress"), step.pending?, step.reload.pending?]
    end
    expect { history.call }.to answer_alike.by(readiness)
    expect(history.call).to eq([true, true, true, false])
  end

  # The task's reload answers nil, as ever.
  it "says the same of whole tasks" do
    done = make_task("in_progress").tap { |task| make_step(task, "a", "complete") }
    tasks = [make_three_step_task, make_task, done]
    expect { tasks.map { |task| Tasker::Task.find(task.id).all_steps_complete? } }.to answer_alike.by(readiness)
    expect { tasks.map { |task| Tasker::Task.find(task.id).workflow_summary } }.to answer_alike.by("FunctionBasedTaskExecutionContext.find")
    expect { tasks.map { |task| Tasker::Task.find(task.id).then { [_1.get_step_by_name("a")&.name, _1.reload, _1.status] } } }
      .to answer_alike.by("TaskStateMachine#current_state")
    expect(tasks.map(&:all_steps_complete?)).to eq([false, true, true])
  end
end
