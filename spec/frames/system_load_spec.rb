# frozen_string_literal: true

require_relative "../rails_helper"

# By the load the engine chooses how many steps run at once.
RSpec.describe TaskerCore::Frames::SystemLoad do
  include Statements

  intelligence = Tasker::Orchestration::ConnectionPoolIntelligence
  counts = Tasker::Functions::FunctionBasedSystemHealthCounts

  # What is counted where so much of a hundred tasks and of a hundred steps is still to be done.
  def load_of(tasks, steps)
    metrics = Tasker::Functions::FunctionBasedSystemHealthCounts::HealthMetrics
    metrics.new(metrics.attribute_names.index_with(0).merge(
                  total_tasks: 100, pending_tasks: tasks, total_steps: 100, in_progress_steps: steps
                ))
  end

  def executor(least: 3, most: 12)
    Tasker::Orchestration::StepExecutor.new.tap do |executor|
      config = Tasker::Types::ExecutionConfig.new(min_concurrent_steps: least, max_concurrent_steps_limit: most)
      allow(executor).to receive(:execution_config).and_return(config)
    end
  end

  def free(connections)
    stat = { size: connections, connections: 0, busy: 0, dead: 0, idle: 0, waiting: 0, checkout_timeout: 5.0, available: connections }
    allow(ActiveRecord::Base.connection_pool).to receive(:stat).and_return(stat)
  end

  def followed(&)
    TaskerCore::Run.within(instance_double(TaskerCore::Run), &)
  end

  # @return [Array<String>] the looks at the load
  def looks(&) = statements(&).grep(/pg_stat_activity/)

  random = Random.new(RSpec.configuration.seed)
  cases = [[3, 12, 5, 0, 0], [3, 12, 20, 100, 100], [1, 12, 4, 100, 100], [3, 3, 20, 100, 100], [5, 2, 20, 0, 0]] +
          Array.new(60) { [random.rand(1..6), random.rand(1..14), random.rand(1..40), random.rand(0..100), random.rand(0..100)] }

  # How many steps run at once, or the error, and how many lines were logged.
  def chosen(executor)
    steps = nil
    lines = LogRecorder.lines do
      steps = executor.send(:calculate_optimal_concurrency)
    rescue StandardError => e
      steps = [e.class, e.message]
    end
    [steps, lines.size]
  end

  it "lets as many steps run at once as the engine does, whatever the bounds, the pool and the load" do
    cases.each do |least, most, connections, tasks, steps|
      free(connections)
      load = load_of(tasks, steps)
      engine = TaskerCore.without do
        subject = executor(least:, most:)
        allow(subject).to receive(:fetch_system_health_data).and_return(load)
        chosen(subject)
      end
      described_class.forget
      described_class.seen(30) { load }
      ours = followed { chosen(executor(least:, most:)) }
      expect(ours).to eq(engine), "#{least} to #{most}, #{connections} free, load #{tasks} and #{steps}: got #{ours}, the engine #{engine}"
    end
  end

  it "is not looked at where it could change nothing" do
    free(5)
    expect(looks { followed { executor.send(:calculate_optimal_concurrency) } }).to be_empty
    free(8)
    expect(looks { followed { executor.send(:calculate_optimal_concurrency) } }.size).to eq(1)
  end

  it "is looked at once in a while only" do
    free(20)
    expect(looks { followed { Array.new(3) { executor.send(:calculate_optimal_concurrency) } } }.size).to eq(1)
  end

  it "is looked at for each workflow with the gem off" do
    free(5)
    calls = 0
    allow(counts).to receive(:call) { (calls += 1) && nil }
    TaskerCore.without { Array.new(3) { executor.send(:calculate_optimal_concurrency) } }
    expect(calls).to eq(3)
  end

  it "is looked at where the application counts for itself" do
    free(5)
    calls = 0
    allow(counts).to receive(:call) { (calls += 1) && nil }
    followed { executor.send(:calculate_optimal_concurrency) }
    expect(calls).to eq(1)
  end

  it "is the engine's where what the pool allows was replaced" do
    free(5)
    allow(intelligence).to receive(:intelligent_concurrency_for_step_executor).and_raise("replaced")
    expect(followed { chosen(executor) }).to eq(TaskerCore.without { chosen(executor) })
  end

  it "is the engine's where the formula was replaced" do
    free(5)
    ours = executor(least: 2)
    allow(ours).to receive(:calculate_base_concurrency).and_return(2)
    expect(followed { ours.send(:calculate_optimal_concurrency) }).to eq(2)
  end
end
