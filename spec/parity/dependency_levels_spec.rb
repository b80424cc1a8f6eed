# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::Functions::FunctionBasedDependencyLevels, :transactional do
  override = "FunctionBasedDependencyLevels.for_task"

  # Made once: nothing here changes them.
  before(:context) do
    @tasks = [*RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 6), make_three_step_task, make_task]
  end

  let(:tasks) { @tasks }

  it "answers for a task, in the engine's order" do
    tasks.each { |task| expect { described_class.for_task(task.task_id).map(&:to_h) }.to answer_alike.by(override) }
  end

  it "answers nothing for an unknown task" do
    expect { described_class.for_task(0) }.to answer_alike.by(override)
  end

  it "gives attributes of the engine's classes" do
    expect { described_class.for_task(tasks.first.task_id).map { |row| row.attributes.transform_values(&:class) } }
      .to answer_alike.by(override)
  end

  it "leaves out steps that no root of the task leads to" do
    task = make_three_step_task
    other = make_three_step_task
    lost = make_step(task, "lost", parents: [other.workflow_steps.first])
    make_step(task, "behind", parents: [lost])
    expect { described_class.levels_hash_for_task(task.task_id) }.to answer_alike.by(override)
    expect(described_class.levels_hash_for_task(task.task_id).values).to eq([0, 1, 2])
  end

  it "takes the longest path, however many there are" do
    task = make_task
    layers = Array.new(4) { |layer| Array.new(3) { |cell| make_step(task, "#{layer}#{cell}") } }
    layers.each_cons(2) { |upper, lower| upper.product(lower) { |from, to| make_edge(from, to) } }
    make_edge(layers.first.first, layers.last.last)
    expect { described_class.for_task(task.task_id).map(&:to_h) }.to answer_alike.by(override)
  end

  %i[levels_hash_for_task max_level_for_task root_steps_for_task].each do |method|
    it ".#{method} says the same" do
      expect { tasks.map { |task| described_class.public_send(method, task.task_id) } }.to answer_alike.by(override)
      expect { described_class.public_send(method, 0) }.to answer_alike.by(override)
    end
  end

  it ".steps_at_level says the same" do
    expect { tasks.map { |task| (-1..4).map { |level| described_class.steps_at_level(task.task_id, level) } } }.to answer_alike.by(override)
  end

  it "#workflow_step is the step" do
    expect { described_class.for_task(tasks[-2].task_id).map(&:workflow_step) }.to answer_alike.by(override)
  end
end

RSpec.describe Tasker::Functions::FunctionBasedDependencyLevels, "asked for something odd" do
  OddArguments::IDS.each do |what, id|
    it "answers for #{what} as the engine does" do
      expect { described_class.for_task(id).map(&:to_h) }.to answer_alike.or_raise_alike
    end
  end
end
