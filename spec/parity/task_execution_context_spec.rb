# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::Functions::FunctionBasedTaskExecutionContext, :transactional do
  override = "FunctionBasedTaskExecutionContext.find"
  batch_override = "FunctionBasedTaskExecutionContext.for_tasks"

  let(:random) { Random.new(RSpec.configuration.seed) }
  # Made once: nothing here changes them.
  before(:context) do
    random = RandomWorkflows.new(Random.new(RSpec.configuration.seed))
    @tasks = [*random.create(tasks: 8, steps: 0..6), make_three_step_task, make_task, *decided_tasks]
  end

  let(:tasks) { @tasks }

  # One task for each branch of the decision.
  def decided_tasks
    [%w[in_progress], %w[error], %w[complete], %w[cancelled], [""]].map do |states|
      make_task("in_progress").tap do |task|
        make_step(task, "a", *states, processed: states == %w[complete], attempts: 3, retry_limit: 3)
        make_step(task, "b", "complete", processed: true)
        make_step(task, "c", "complete", processed: true)
      end
    end
  end

  it "answers for a task" do
    tasks.each { |task| expect { described_class.find(task.task_id).attributes }.to answer_alike.by(override) }
  end

  it "answers for a task through the facade" do
    expect { Tasker::TaskExecutionContext.find(tasks.first.task_id).attributes }.to answer_alike.by(override)
    expect { Tasker::TaskExecutionContext.new(tasks.first.task_id).workflow_summary }.to answer_alike.by(override)
  end

  it "answers nil for an unknown task" do
    expect { described_class.find(0) }.to answer_alike.by(override)
    expect { Tasker::TaskExecutionContext.new(0).workflow_summary }.to answer_alike.raising(NoMethodError)
  end

  it "answers for many tasks in the engine's order: duplicates twice, unknown ones not at all" do
    ids = [*tasks.map(&:task_id), tasks.last.task_id, 0].shuffle(random:)
    expect { described_class.for_tasks(ids).map(&:attributes) }.to answer_alike.by(batch_override)
    expect { Tasker::TaskExecutionContext.for_tasks(ids).map(&:attributes) }.to answer_alike.by(batch_override)
    expect { described_class.for_tasks([]) }.to answer_alike
  end

  it "gives attributes of the engine's classes" do
    expect { described_class.for_tasks(tasks.map(&:task_id)).map { |context| context.attributes.transform_values(&:class) } }
      .to answer_alike.by(batch_override)
    expect(described_class.find(tasks.first.task_id).completion_percentage).to be_an_instance_of(BigDecimal)
  end

  it "writes the percentage as the engine does" do
    expect { tasks.map { |task| described_class.find(task.task_id).completion_percentage.then { [_1.to_s, _1.scale, _1.inspect] } } }
      .to answer_alike.by(override)
  end

  it "rounds as PostgreSQL does" do
    thirds = (1..7).map { |size| make_task.tap { |task| size.times { |index| make_step(task, "s#{index}", *("complete" if index < 3)) } } }
    expect { thirds.map { |task| described_class.find(task.task_id).completion_percentage.to_s } }.to answer_alike.by(override)
  end

  (described_class.public_instance_methods(false) - [:task]).each do |method|
    it "##{method} says the same" do
      expect { tasks.map { |task| described_class.find(task.task_id).public_send(method) } }.to answer_alike.by(override)
    end
  end

  it "meets every decision of the engine" do
    statuses = described_class.for_tasks(tasks.map(&:task_id)).map(&:execution_status)
    expect(statuses).to include("has_ready_steps", "processing", "blocked_by_failures", "all_complete", "waiting_for_dependencies")
  end
end

RSpec.describe Tasker::Functions::FunctionBasedTaskExecutionContext, "asked for something odd" do
  OddArguments::IDS.each do |what, id|
    it "answers for #{what} as the engine does" do
      expect { described_class.find(id)&.attributes }.to answer_alike.or_raise_alike
    end
  end

  OddArguments::LISTS.each do |what, list|
    it "answers for tasks given as #{what} as the engine does" do
      expect { described_class.for_tasks(list).map(&:attributes) }.to answer_alike.or_raise_alike
    end
  end
end
