# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::Analysis::RuntimeGraphAnalyzer, :transactional do
  overrides = %w[build_dependency_graph analyze_critical_paths find_downstream_steps calculate_downstream_impact]
              .map { |name| "RuntimeGraphAnalyzer##{name}" }
  build, paths, downstream, impact = overrides

  let(:random) { Random.new(RSpec.configuration.seed) }

  def analyzer(task)
    described_class.new(task: Tasker::Task.find(task.id))
  end

  # What the analysis says, apart from the order of rows, which PostgreSQL leaves open, and from which paths of equal score are told.
  def told(task)
    Rails.cache.clear
    analysis = analyzer(task).analyze
    parts = { dependency_graph: :graph, critical_paths: :best_paths, error_chains: :chains, bottlenecks: :bottlenecks,
              parallelism_opportunities: :levels }
    { **analysis, **parts.to_h { |part, telling| [part, send(telling, analysis[part])] }, keys: deep_keys(analysis) }
  end

  def graph(part)
    { **part.transform_values { |list| ordered(list) }, levels: part[:dependency_levels].to_a }
  end

  def best_paths(part)
    ends = part.slice(:root_nodes, :leaf_nodes).transform_values(&:sort)
    paths = part[:paths].pluck(:criticality_score)
    { **part.except(:longest_path_length), **ends, paths:, classes: part[:paths].first&.transform_values(&:class) }
  end

  def ordered(part)
    part.is_a?(Hash) ? part.transform_values { |list| Array(list).sort }.sort : part.sort_by { |entry| entry.values.map(&:to_s) }
  end

  # Of chains with the same impact the engine tells whichever comes first.
  def chains(part)
    told = part[:error_chains].map { |chain| { **chain, downstream_steps: chain[:downstream_steps].sort } }
    impacts = part[:error_chains].pluck(:total_impact)
    { **part.except(:most_critical_error, :recovery_priority), impacts:, error_chains: told.sort_by { |chain| chain[:error_step_id] } }
  end

  # Of the ten that are told those with the least impact are chosen at will, too.
  def bottlenecks(part)
    least = part[:bottlenecks].last&.dig(:impact_score)
    told = part[:bottlenecks].reject { |one| one[:impact_score] == least }
    { **part, bottlenecks: told.sort_by { |one| one[:step_id] }, impacts: part[:bottlenecks].pluck(:impact_score) }
  end

  def levels(part)
    { **part, levels: part[:levels].map { |level| { **level, step_names: level[:step_names].sort } } }
  end

  def deep_keys(part)
    part.is_a?(Hash) ? part.reject { |key, _| key.is_a?(Integer) }.transform_values { |inner| deep_keys(inner) }.to_a : nil
  end

  # A task whose edges stay within it.
  def make_random_graph(size, density)
    task = make_task("in_progress")
    steps = Array.new(size) { |index| make_random_step(task, "s#{index}") }
    steps.each_with_index do |step, index|
      steps.first(index).sample(random.rand(0..density), random:).each { |parent| make_edge(parent, step) }
    end
    task
  end

  def make_random_step(task, name)
    state = %w[pending pending in_progress complete complete error error cancelled resolved_manually].sample(random:)
    make_step(task, name, state, attempts: random.rand(0..4), retry_limit: [nil, 1, 3].sample(random:), retryable: random.rand(5).positive?,
                                 backoff_request_seconds: [nil, nil, 120].sample(random:), last_attempted_at: Time.current)
  end

  it "says the same of random tasks" do
    tasks = Array.new(12) { make_random_graph(random.rand(1..11), random.rand(1..3)) } << make_three_step_task
    tasks.each { |task| expect { told(task) }.to answer_alike.by(build, paths) }
  end

  it "has each part answered by Rust" do
    task = make_random_graph(8, 2)
    steps = task.workflow_steps.order(:workflow_step_id).to_a
    make_history(make_step(task, "failed", parents: [steps[0]]).tap { make_step(task, "waiting", parents: [_1]) }, "in_progress", "error")
    expect { told(task) }.to answer_alike.by(*overrides)
  end

  # The engine chooses at will among paths of equal score, so each of ours is looked for among all of the engine's.
  it "returns the engine's paths" do
    Array.new(8) { make_random_graph(random.rand(6..11), 3) }.each do |task|
      mine = analyzer(task).send(:analyze_critical_paths)
      theirs = TaskerCore.without { all_paths(analyzer(task)) }
      expect(mine[:total_paths]).to eq(theirs.size)
      expect(mine[:paths].size).to eq([theirs.size, 5].min)
      expect(mine[:paths] - theirs).to eq([])
      expect(mine[:paths].pluck(:criticality_score)).to eq(theirs.pluck(:criticality_score).max(5))
      expect(mine[:longest_path_length]).to eq(mine[:paths].first[:length])
    end
  end

  def all_paths(analyzer)
    graph = analyzer.build_dependency_graph
    ends = [analyzer.send(:find_root_nodes, graph), analyzer.send(:find_leaf_nodes, graph)]
    analyzer.send(:analyze_all_paths_for_criticality, analyzer.send(:find_all_root_to_leaf_paths, *ends, graph[:adjacency_list]), graph)
  end

  it "takes edges that are there twice for two" do
    task = make_three_step_task
    a, b, = task.workflow_steps.order(:workflow_step_id).to_a
    make_edge(a, b)
    expect { told(task) }.to answer_alike.by(build, paths)
    expect(analyzer(task).analyze.dig(:critical_paths, :total_paths)).to eq(2)
  end

  it "begins paths behind steps of other tasks" do
    task = make_three_step_task
    elsewhere = make_step(make_task, "elsewhere")
    make_edge(elsewhere, make_step(task, "d"))
    expect { told(task) }.to answer_alike.by(build, paths)
    expect(analyzer(task).build_dependency_graph[:dependency_levels].size).to eq(3)
  end

  it "raises what the engine raises for a task without steps, and for an edge into another task" do
    expect { told(make_task) }.to answer_alike.raising(NoMethodError)
    task = make_three_step_task
    make_edge(task.workflow_steps.first, make_step(make_task, "elsewhere"))
    expect { told(task) }.to answer_alike.raising(NoMethodError).by_the_engine(build)
    expect { told(Tasker::Task.find(task.id).tap { |found| found.define_singleton_method(:id) { 0 } }) }
      .to answer_alike.raising(ActiveRecord::RecordNotFound)
  end

  it "leaves circles that no root leads into to the engine" do
    task = make_three_step_task
    elsewhere = make_step(make_task, "elsewhere")
    d, e = %w[d e].map { |name| make_step(task, name, "error") }
    [[elsewhere, d], [d, e], [e, d]].each { |from, to| make_edge(from, to) }
    expect { told(task) }.to answer_alike.by(build, paths, downstream, impact)
    f = make_step(task, "f", parents: [elsewhere])
    make_edge(f, d)
    expect { told(task) }.to answer_alike.by(build, downstream).by_the_engine(paths)
  end

  it "leaves circles behind a root to the engine, whose question has no end, unless that is fixed" do
    task = make_three_step_task
    b, c = task.workflow_steps.order(:workflow_step_id).last(2)
    make_edge(c, b)
    ask = lambda do |patience|
      Tasker::ApplicationRecord.transaction(requires_new: true) do
        Tasker::ApplicationRecord.connection.execute("SET LOCAL statement_timeout = '#{patience}'")
        analyzer(task).build_dependency_graph
      end
    end
    expect { ask.call("300ms") }.to answer_alike.raising(ActiveRecord::QueryCanceled).by_the_engine(build).whatever_the_message
    with_repairs(:endless_recursion) { expect { ask.call("60s") }.to raise_error(TaskerCore::CycleError, /#{b.id}.*#{c.id}/) }
  end

  it "heeds the settings" do
    config = Tasker::Types::DependencyGraphConfig.new(
      impact_multipliers: { downstream_weight: 1, blocked_weight: 2, path_length_weight: -3, completed_penalty: -40, blocked_penalty: 5,
                            error_penalty: 6, retry_penalty: 70 },
      duration_estimates: { base_step_seconds: 1, error_penalty_seconds: 2000, retry_penalty_seconds: 300 }
    )
    allow(Tasker::Configuration.configuration).to receive(:dependency_graph).and_return(config)
    Array.new(4) { make_random_graph(9, 2) }.each { |task| expect { told(task) }.to answer_alike.by(build, paths) }
  end

  it "reads the graph anew for each analysis, and once in it" do
    task = make_three_step_task
    fresh = analyzer(task)
    sent = statements { fresh.analyze }
    expect([sent.grep(/foreign_edge/).size, sent.grep(/get_|calculate_/)]).to eq([1, []])
    make_step(task, "d", parents: [task.workflow_steps.order(:workflow_step_id).last])
    expect(fresh.build_dependency_graph[:nodes].size).to eq(4)
    expect { analyzer(task).then { |one| [one.clear_cache!.class, one.build_dependency_graph[:nodes].size] } }.to answer_alike.by(build)
  end

  it "reads the task and its steps at once" do
    task = make_three_step_task
    sent = statements { analyzer(task).analyze }
    expect(sent.grep(/tasker_workflow_step_transitions/).size).to eq(1)
    contexts = "FunctionBasedTaskExecutionContext.find"
    readiness = "FunctionBasedStepReadinessStatus.for_task"
    expect { told(task).dig(:bottlenecks, :task_completion) }.to answer_alike.by(contexts, readiness)
  end

  it "calls replacements of the engine's methods" do
    task = make_three_step_task
    context = Tasker::TaskExecutionContext.find(task.id).tap { |one| one.failed_steps = 7 }
    allow(Tasker::Functions::FunctionBasedTaskExecutionContext).to receive(:find).and_return(context)
    expect { told(task) }.to answer_alike.by(build, paths)
    RSpec::Mocks.space.proxy_for(Tasker::Functions::FunctionBasedTaskExecutionContext).reset
    allow(Tasker::Functions::FunctionBasedStepReadinessStatus)
      .to(receive(:for_task).and_wrap_original { |one, id| one.call(id).min_by(2, &:workflow_step_id) })
    expect { told(task) }.to answer_alike.by(build, paths)
    expect(told(task).dig(:critical_paths, :classes)).not_to be_nil
  end

  it "leaves steps with more attempts than the engine can reckon with to the engine" do
    task = make_three_step_task
    make_step(task, "d", "error", attempts: 50, last_attempted_at: Time.current)
    ask = -> { Tasker::ApplicationRecord.transaction(requires_new: true) { analyzer(task).analyze } }
    expect { ask.call }.to answer_alike.raising(ActiveRecord::StatementInvalid).whatever_the_message
                                       .by_the_engine("FunctionBasedStepReadinessStatus.for_task")
  end

  it "feeds the task and what the engine shows of it" do
    task = make_three_step_task
    shown = lambda do
      Rails.cache.clear
      found = Tasker::Task.find(task.id)
      [found.dependency_graph[:critical_paths], Tasker::TaskSerializer.new(found).dependency_analysis.keys]
    end
    expect { shown.call }.to answer_alike.by(build, paths)
  end

  it "answers for ten thousand steps with more paths than anybody could follow" do
    analysis = analyzer(make_layered_task(layers: 2_500, width: 4)).analyze
    expect(analysis.dig(:critical_paths, :total_paths)).to eq(4**2_500)
    expect(analysis.dig(:critical_paths, :paths).pluck(:length)).to eq([2_500] * 5)
    expect(analysis.dig(:bottlenecks, :bottlenecks).first[:downstream_steps_count]).to eq(9_992)
    expect(analysis[:parallelism_opportunities]).to include(total_levels: 2_500, max_parallel_steps: 4)
  end
end
