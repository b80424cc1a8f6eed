# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::Analysis::TemplateGraphAnalyzer do
  override = "TemplateGraphAnalyzer#analyze"

  # @param graph [Hash{String => Array<String>}] steps with what they depend on
  def templates(graph)
    graph.map do |name, dependencies|
      Tasker::Types::StepTemplate.new(name:, dependent_system: "specs", description: "does #{name}", handler_class: ScriptedWorkflow::Handler,
                                      depends_on_step: dependencies.size == 1 ? dependencies.first : nil,
                                      depends_on_steps: dependencies.size == 1 ? [] : dependencies)
    end
  end

  # Every public answer; keys in their order, and the classes of what is in them.
  def told(graph)
    analyzer = described_class.new(templates(graph))
    analysis = analyzer.analyze
    [analysis, analysis.keys, analysis[:summary].keys, analysis[:levels].keys, analyzer.has_cycles?, analyzer.cycles, analyzer.topology,
     analyzer.levels, analyzer.roots, analyzer.leaves, analyzer.analyze.equal?(analysis)]
  end

  def random_graph(random, acyclic:)
    names = Array.new(random.rand(1..12)) { |index| "step_#{index}" }.shuffle(random:)
    names.each_with_index.to_h do |name, index|
      pool = acyclic ? names.first(index) : names
      [name, Array.new(random.rand(0..3)) { pool.sample(random:) }.compact]
    end.to_a.shuffle(random:).to_h
  end

  {
    "nothing" => {}, "one step" => { "a" => [] }, "a chain" => { "c" => ["b"], "b" => ["a"], "a" => [] },
    "a diamond" => { "a" => [], "b" => ["a"], "c" => ["a"], "d" => %w[b c] }, "a step that depends on itself" => { "a" => ["a"] },
    "a dependency that is named twice" => { "a" => [], "b" => %w[a a] },
    "two cycles" => { "a" => ["b"], "b" => ["a"], "c" => ["d"], "d" => ["c"] },
    "a way into a cycle" => { "a" => ["b"], "b" => ["c"], "c" => ["b"], "d" => [] },
    "ways into what a cycle has left open" => { "a" => ["b"], "b" => ["c"], "c" => ["b"], "d" => ["c"], "e" => %w[d a], "f" => ["a"] }
  }.each do |what, graph|
    it "says the same of #{what}" do
      expect { told(graph) }.to answer_alike.by(override)
    end
  end

  it "says the same of random graphs" do
    random = Random.new(RSpec.configuration.seed)
    graphs = Array.new(200) { |index| random_graph(random, acyclic: index.even?) }
    expect { graphs.map { |graph| told(graph) } }.to answer_alike.by(override)
    expect(graphs.map { |graph| told(graph)[4] }.tally.values).to all(be > 20)
  end

  it "leaves an undeclared dependency to the engine" do
    expect { told("a" => ["nobody"]) }.to answer_alike.raising(NoMethodError).by_the_engine(override)
    expect { told("a" => ["b"], "b" => ["a"], "c" => ["nobody"]) }.to answer_alike.or_raise_alike.by_the_engine(override)
  end

  it "leaves two steps of one name to the engine" do
    twice = -> { described_class.new([*templates("a" => [], "b" => ["a"]), *templates("a" => ["b"])]).analyze }
    expect { twice.call }.to answer_alike.or_raise_alike.by_the_engine(override)
  end

  it "looks again once its cache is cleared" do
    reread = lambda do
      analyzer = described_class.new(list = templates("a" => []))
      first = analyzer.analyze[:leaves]
      list.concat(templates("b" => ["a"]))
      [first, analyzer.analyze[:leaves], analyzer.tap(&:clear_cache!).analyze[:leaves]]
    end
    expect { reread.call }.to answer_alike.by(override)
    expect(reread.call).to eq([["a"], ["a"], ["b"]])
  end

  it "answers for a chain that is too long for the engine's recursion" do
    chain = (0...20_000).to_h { |index| ["step_#{index}", index == 19_999 ? [] : ["step_#{index + 1}"]] }
    analysis = described_class.new(templates(chain)).analyze
    expect(analysis[:summary])
      .to eq(total_steps: 20_000, total_dependencies: 19_999, has_cycles: false, max_depth: 19_999, parallel_branches: 1)
    expect(analysis[:topology].first).to eq("step_19999")
  end

  it "feeds the engine's task handlers" do
    workflow = ScriptedWorkflow.new("template_graph_#{SecureRandom.hex(4)}", {})
    expect { workflow.handler.dependency_graph }.to answer_alike
  end
end
