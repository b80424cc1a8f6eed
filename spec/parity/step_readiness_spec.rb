# frozen_string_literal: true

require_relative "../rails_helper"

# The engine's function for one task promises no order.
module RowsInOrder
  def in_order(statuses) = statuses.sort_by(&:workflow_step_id)
end

RSpec.describe Tasker::Functions::FunctionBasedStepReadinessStatus, :transactional do
  include RowsInOrder

  override = "FunctionBasedStepReadinessStatus.for_task"
  batch_override = "FunctionBasedStepReadinessStatus.for_tasks"
  filters = %i[ready_for_task blocked_by_dependencies_for_task blocked_by_retry_for_task pending_for_task failed_for_task
               in_progress_for_task complete_for_task]

  def rows(statuses)
    in_order(statuses).map(&:to_h)
  end

  # Made once: nothing here changes them.
  before(:context) { @tasks = RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 6) }

  let(:random) { Random.new(RSpec.configuration.seed) }
  let(:tasks) { @tasks }
  let(:task) { tasks.max_by { |candidate| candidate.workflow_steps.count } }
  let(:step_ids) { task.workflow_steps.pluck(:workflow_step_id) }

  it "answers for a task" do
    tasks.each { |each| expect { rows(described_class.for_task(each.task_id)) }.to answer_alike.by(override) }
  end

  it "orders its rows by step" do
    expect(described_class.for_task(task.task_id).map(&:workflow_step_id)).to eq(step_ids.sort)
    batch = described_class.for_tasks(tasks.map(&:task_id).shuffle(random:))
    expect(batch.map { |row| [row.task_id, row.workflow_step_id] }).to eq(batch.map { |row| [row.task_id, row.workflow_step_id] }.sort)
  end

  it "answers for chosen steps, whatever their order, their task and their number" do
    others = Tasker::WorkflowStep.where.not(task_id: task.task_id).limit(3).pluck(:workflow_step_id)
    chosen = [*step_ids.sample(3, random:), *step_ids.first(1), *others, 0].shuffle(random:)
    expect { rows(described_class.for_task(task.task_id, chosen)) }.to answer_alike.by(override)
    expect { rows(described_class.for_steps(task.task_id, chosen)) }.to answer_alike.by(override)
    expect { described_class.for_task(task.task_id, []) }.to answer_alike
  end

  it "answers for many tasks, duplicates and unknown ones included" do
    ids = [*tasks.map(&:task_id), tasks.first.task_id, 0]
    expect { rows(described_class.for_tasks(ids)) }.to answer_alike.by(batch_override)
    expect { described_class.for_tasks([]) }.to answer_alike
  end

  it "answers nothing for an unknown task" do
    expect { described_class.for_task(0) }.to answer_alike.by(override)
  end

  it "gives attributes of the engine's classes" do
    expect { in_order(described_class.for_task(task.task_id)).map { |row| row.attributes.transform_values(&:class) } }
      .to answer_alike.by(override)
    make_step(task, "late", "error", attempts: 1, last_attempted_at: Time.current, backoff_request_seconds: 5)
    late = described_class.for_task(task.task_id).last
    expect(late.attributes.slice("last_failure_at", "next_retry_at", "last_attempted_at").values)
      .to all(be_an_instance_of(Time).and(be_utc))
    expect(late.workflow_step_id.class).to be(Integer)
    expect([late.ready_for_execution, late.dependencies_satisfied]).to eq([false, true])
  end

  filters.each do |filter|
    it ".#{filter} chooses the same rows, as the facade's does" do
      [described_class, Tasker::StepReadinessStatus].each do |asked|
        expect { tasks.map { |each| rows(asked.public_send(filter, each.task_id)) } }.to answer_alike.by(override)
      end
    end
  end

  described_class.public_instance_methods(false).each do |method|
    it "##{method} says the same" do
      expect { tasks.flat_map { |each| in_order(described_class.for_task(each.task_id)).map(&method) } }
        .to answer_alike.by(override)
    end
  end

  describe "the predicates of a step" do
    Tasker::WorkflowStep.public_instance_methods(false).grep(/\?\z/).each do |predicate|
      next unless Tasker::WorkflowStep.instance_method(predicate).arity.zero?
      next if Tasker::WorkflowStep.instance_method(predicate).source_location.first.exclude?("workflow_step.rb")

      it "##{predicate} says the same" do
        expect { tasks.flat_map { |each| each.workflow_steps.order(:workflow_step_id).reload.map(&predicate) } }.to answer_alike
      end
    end
  end

  it "returns whether all steps of a task are complete" do
    done = make_task("in_progress")
    make_step(done, "a", "complete")
    make_step(done, "b", "resolved_manually")
    expect { [*tasks, done, make_task].map(&:all_steps_complete?) }.to answer_alike.by(override)
    expect(done.all_steps_complete?).to be(true)
  end
end

RSpec.describe Tasker::Functions::FunctionBasedStepReadinessStatus, "asked for something odd" do
  include RowsInOrder

  let(:task) { make_three_step_task }

  OddArguments::IDS.each do |what, id|
    it "answers for #{what} as the engine does" do
      expect { in_order(described_class.for_task(id)).map(&:to_h) }.to answer_alike.or_raise_alike
    end
  end

  OddArguments::LISTS.each do |what, list|
    it "answers for steps given as #{what} as the engine does" do
      expect { in_order(described_class.for_task(task.task_id, list)).map(&:to_h) }.to answer_alike.or_raise_alike
    end

    it "answers for tasks given as #{what} as the engine does" do
      expect { in_order(described_class.for_tasks(list)).map(&:to_h) }.to answer_alike.or_raise_alike
    end
  end
end
