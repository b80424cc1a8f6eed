# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::StepDagRelationship, :transactional do
  override = "StepDagRelationship.all"

  # Made once: nothing here changes them.
  before(:context) do
    @tasks = [*RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 5), make_three_step_task, make_task]
    @ids = Tasker::WorkflowStep.where(task_id: @tasks.map(&:id)).pluck(:workflow_step_id)
  end

  let(:tasks) { @tasks }
  let(:ids) { @ids }
  let(:task) { tasks[-2] }
  let(:step) { task.workflow_steps.order(:workflow_step_id).second }

  # Everything that a record says; the view gives its rows in no order.
  def told(records)
    records.sort_by(&:id).map do |record|
      { class: record.class, attributes: record.attributes, raw: record.attributes_before_type_cast, readonly: record.readonly?,
        parents: record.parent_step_ids_array, children: record.child_step_ids_array, root: record.root_step?, leaf: record.leaf_step?,
        has: [record.has_parents?, record.has_children?], changed: record.changed? }
    end
  end

  it "has the same rows by task" do
    tasks.each { |each| expect { told(described_class.for_task(each.id).to_a) }.to answer_alike.by(override) }
    expect { told(described_class.where(task_id: tasks.map(&:id)).to_a) }.to answer_alike.by(override)
  end

  it "has the same rows by step" do
    expect { told(described_class.where(workflow_step_id: ids).to_a) }.to answer_alike.by(override)
    expect { told([described_class.find(step.id), described_class.find_by(workflow_step_id: step.id)]) }.to answer_alike.by(override)
    expect { told(described_class.find(ids.first(3))) }.to answer_alike.by(override)
    expect { described_class.find(0) }.to answer_alike.raising(ActiveRecord::RecordNotFound)
    expect { described_class.find_by(workflow_step_id: 0) }.to answer_alike.by(override)
  end

  it "takes what ActiveRecord takes for an id" do
    expect { told(described_class.for_task(task.id.to_s).to_a) }.to answer_alike.by(override)
    expect { told(described_class.for_task(task).to_a) }.to answer_alike.by(override)
    expect { described_class.for_task(nil).to_a }.to answer_alike.by_the_engine(override)
    expect { described_class.where(workflow_step_id: []).to_a }.to answer_alike
    expect { described_class.for_task(2**70).to_a }.to answer_alike
  end

  it "narrows a task's rows down" do
    expect { told(described_class.for_task(task.id).root_steps) }.to answer_alike.by(override)
    expect { told(described_class.for_task(task.id).leaf_steps) }.to answer_alike.by(override)
    expect { told(described_class.where(task_id: tasks.map(&:id), parent_count: [1, 2], is_leaf_step: true)) }.to answer_alike.by(override)
    expect { told(described_class.where(task_id: task.id, workflow_step_id: ids)) }.to answer_alike.by(override)
    expect { told(described_class.none) }.to answer_alike
  end

  it "comes with a step" do
    fresh = -> { Tasker::WorkflowStep.find(step.id) }
    expect { told([fresh.call.step_dag_relationship]) }.to answer_alike.by(override)
    expect { ids.map { |id| Tasker::WorkflowStep.find(id).leaf_step? } }.to answer_alike.by(override)
    expect { fresh.call.then { |found| [found.reload_step_dag_relationship.id, found.association(:step_dag_relationship).loaded?] } }
      .to answer_alike.by(override)
    expect { Tasker::WorkflowStep.new.leaf_step? }.to answer_alike
  end

  it "is loaded for many steps in one question" do
    eager = -> { Tasker::WorkflowStep.where(workflow_step_id: ids).includes(:named_step, :step_dag_relationship).order(:workflow_step_id).to_a }
    expect { eager.call.then { |found| told(found.map(&:step_dag_relationship)) } }.to answer_alike.by(override)
    sent = statements { eager.call.map { |found| found.step_dag_relationship.workflow_step } }
    expect([sent.size, sent.grep(/dag_relationships/)]).to eq([3, []])
  end

  it "feeds what the engine shows of a step" do
    shown = ->(id) { Tasker::WorkflowStepSerializer.new(Tasker::WorkflowStep.find(id)).then { [_1.children_ids, _1.parents_ids, _1.siblings_ids.sort] } }
    expect { ids.map(&shown) }.to answer_alike.by(override, "WorkflowStepEdge.siblings_of")
  end

  it "brings along what is asked for with it" do
    expect { described_class.for_task(task.id).includes(:workflow_step).map { |found| found.workflow_step.attributes }.sort_by(&:to_s) }
      .to answer_alike.by(override)
    expect { described_class.for_task(task.id).preload(:task).map { |found| found.association(:task).loaded? } }
      .to answer_alike.by(override)
  end

  it "refuses to be written" do
    expect { described_class.find(step.id).save!(validate: false) }.to answer_alike.raising(ActiveRecord::ReadOnlyRecord)
    expect { described_class.new.attributes }.to answer_alike
  end

  {
    "an order" => ->(of) { of.order(:workflow_step_id).map(&:attributes) },
    "a limit" => ->(of) { of.limit(1).map(&:task_id) },
    "a count" => ->(of) { [of.count, of.exists?, of.with_parents.count, of.sum(:child_count)] },
    "a condition in SQL" => ->(of) { of.with_parents.with_children.map(&:workflow_step_id) },
    "a negated condition" => ->(of) { of.where.not(min_depth_from_root: 0).map(&:workflow_step_id).sort },
    "an alternative" => ->(of) { of.or(Tasker::StepDagRelationship.where(task_id: 0)).map(&:workflow_step_id).sort },
    "some columns" => ->(of) { [of.pluck(:workflow_step_id).sort, of.select(:task_id).map(&:attributes).uniq] },
    "a group" => ->(of) { of.group(:parent_count).count },
    "a join" => ->(of) { of.joins(:workflow_step).map(&:workflow_step_id).sort },
    "an eager load by a join" => ->(of) { of.eager_load(:workflow_step).map(&:workflow_step_id).sort },
    "a condition on the steps' arrays" => ->(of) { of.where(parent_step_ids: []).map(&:workflow_step_id) },
    "a lock" => ->(of) { of.lock.to_sql },
    "another source" => ->(of) { of.from("tasker_step_dag_relationships").map(&:workflow_step_id).sort },
    "rows of its own" => ->(of) { of.find_by_sql("select * from tasker_step_dag_relationships where task_id = 0") },
    "the first and the last" => ->(of) { [of.first, of.last].map(&:attributes) },
    "batches" => ->(of) { of.find_each.map(&:workflow_step_id) },
    "a part of another question" => ->(of) { Tasker::WorkflowStep.where(workflow_step_id: of.select(:workflow_step_id)).ids.sort },
    "what it is written as" => lambda(&:to_sql)
  }.each do |what, question|
    it "stays a relation: #{what}" do
      expect { question.call(described_class.for_task(task.id)) }.to answer_alike
    end
  end

  it "stays a relation: its state" do
    relation = ->(of) { [of.class, of.loaded?, of.load.loaded?, of.size, of.to_a.frozen?, of.reload.size] }
    expect { relation.call(described_class.for_task(task.id)) }.to answer_alike.by(override)
    expect { described_class.for_task(task.id).merge(described_class.root_steps).map(&:workflow_step_id) }.to answer_alike.by(override)
    expect { described_class.for_task(task.id).load_async.map(&:workflow_step_id).sort }.to answer_alike
    expect { described_class.unscoped { described_class.for_task(task.id).map(&:workflow_step_id).sort } }.to answer_alike
  end

  it "sees rows of the same transaction" do
    below = -> { make_step(task, SecureRandom.uuid, parents: [step]) }
    expect { below.call.step_dag_relationship.min_depth_from_root }.to answer_alike.by(override)
  end

  it "knows no depth below the fiftieth level, nor in a circle without a way in" do
    chain = make_task
    steps = (0..53).inject([]) { |made, index| made << make_step(chain, "link #{index}", parents: made.last(1)) }
    make_edge(steps[0], steps[52])
    round = Array.new(2) { |index| make_step(chain, "round #{index}") }
    round.permutation.each { |from, to| make_edge(from, to) }
    expect { told(described_class.for_task(chain.id)) }.to answer_alike.by(override)
    expect(described_class.where(workflow_step_id: [*steps, *round].map(&:id)).map(&:min_depth_from_root).count(nil)).to eq(3)
  end

  it "knows the depth below a step of another task" do
    outside = make_step(make_task, "outside", parents: [make_step(make_task, "far")])
    other = make_step(make_task, "other", parents: [outside])
    expect { described_class.find(other.id).attributes }.to answer_alike.by(override)
    expect(described_class.find(other.id).min_depth_from_root).to eq(2)
  end

  it "does not go through every path, nor through other tasks" do
    mesh = make_task
    layers = Array.new(10) { |layer| Array.new(6) { |cell| make_step(mesh, "layer #{layer} #{cell}") } }
    layers.each_cons(2) { |upper, lower| upper.product(lower) { |from, to| make_edge(from, to) } }
    expect(described_class.find(layers.last.last.id).min_depth_from_root).to eq(9)
    expect(described_class.for_task(task.id).sum(&:child_count)).to eq(2)
  end

  it "is asked for in one statement that names no view" do
    sent = statements { described_class.for_task(task.id).to_a }
    expect([sent.size, sent.grep(/dag_relationships/)]).to eq([1, []])
  end
end
