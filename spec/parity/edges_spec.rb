# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::WorkflowStepEdge, "kept free of circles", :transactional do
  override = "WorkflowStepEdge#ensure_no_cycles!"
  refused = ActiveRecord::RecordInvalid

  let(:task) { make_task }
  let(:steps) { ("a".."e").inject([]) { |made, name| made << make_step(task, name, parents: made.last(1)) } }

  # What an attempt leaves behind, without the ids that sequences give out.
  def attempt
    result = nil
    Tasker::ApplicationRecord.transaction(requires_new: true) do
      outcome = Outcome.of { yield.then { |edge| edge.respond_to?(:attributes) ? edge.attributes.except("id") : edge } }
      rows = described_class.where(to_step_id: steps.map(&:id)).pluck(:from_step_id, :to_step_id, :name).sort
      result = [outcome, rows]
      raise ActiveRecord::Rollback
    end
    result
  end

  before { steps }

  { "an edge onwards" => [0, 3], "an edge backwards" => [3, 0], "the way back of an edge" => [1, 0], "an edge to itself" => [2, 2],
    "an edge that is there already" => [0, 1] }.each do |what, (from, to)|
    it "makes #{what}, or refuses it, as the engine does" do
      expect { attempt { described_class.create_edge!(steps[from], steps[to], "provides") } }.to answer_alike.by(override)
      expect { attempt { steps[from].add_provides_edge!(steps[to]) } }.to answer_alike.by(override)
      expect { attempt { described_class.new(from_step: steps[from], to_step: steps[to], name: "other").save } }
        .to answer_alike.by(override)
      expect { attempt { described_class.create!(from_step_id: steps[from].id, to_step_id: steps[to].id, name: "provides") } }
        .to answer_alike.by(override)
    end
  end

  it "raises the engine's error, with the edge and without a validation's message" do
    edge = described_class.new(from_step: steps[3], to_step: steps[0], name: "provides")
    expect { edge.save! }.to raise_error(refused, "Adding this edge would create a cycle in the workflow") { |error|
      expect([error.record, edge.errors.full_messages, edge.persisted?]).to eq([edge, [], false])
    }
    expect(edge.save).to be(false)
  end

  it "finds circles that lead through other tasks" do
    elsewhere = make_step(make_task, "a", parents: [steps[4]])
    expect { attempt { described_class.create_edge!(elsewhere, steps[0], "provides") } }.to answer_alike.by(override)
    expect { described_class.create_edge!(elsewhere, steps[0], "provides") }.to raise_error(refused)
    expect(described_class.create_edge!(elsewhere, make_step(make_task, "a"), "provides")).to be_persisted
  end

  it "agrees on every pair of steps of random tasks" do
    tasks = RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 2, steps: 5..7)
    all = tasks.flat_map { |made| made.workflow_steps.order(:workflow_step_id).to_a }
    verdict = ->(edge) { Outcome.of { edge.send(:ensure_no_cycles!) }.error&.fetch(:message) }
    verdicts = -> { all.product(all).map { |from, to| verdict.call(described_class.new(from_step: from, to_step: to)) } }
    expect { verdicts.call }.to answer_alike.by(override)
    expect(verdicts.call.uniq.size).to eq(2)
  end

  it "lets an edge without an end be judged by the engine" do
    expect { described_class.new(from_step: steps[0]).send(:ensure_no_cycles!) }.to answer_alike.by_the_engine(override)
    expect { described_class.new(to_step: steps[0], name: "provides").save }.to answer_alike
    unsaved = described_class.new(from_step: Tasker::WorkflowStep.new, to_step: steps[0])
    expect { Tasker::ApplicationRecord.transaction(requires_new: true) { unsaved.send(:ensure_no_cycles!) } }
      .to answer_alike.raising(ActiveRecord::StatementInvalid).by_the_engine(override)
  end

  it "asks one question for an edge, whatever there is in the database" do
    from, to = steps.values_at(0, 4)
    sent = statements { described_class.create_edge!(from, to, "provides") }
    expect(sent.grep(/recursive/i).size).to eq(1)
    expect(sent.grep_v(/SAVEPOINT/).size).to eq(2)
  end

  it "does not go through every path" do
    layers = Array.new(12) { |layer| Array.new(6) { |cell| make_step(task, "layer #{layer} #{cell}") } }
    layers.each_cons(2) { |upper, lower| upper.product(lower) { |from, to| make_edge(from, to) } }
    above = make_step(task, "above")
    expect(described_class.create_edge!(above, layers.first.first, "provides")).to be_persisted
    expect { described_class.create_edge!(layers.last.last, layers.first.first, "provides") }.to raise_error(refused)
  end

  it "keeps the application's callbacks and validations, in their order" do
    expect do
      calls = []
      with_model_callbacks(described_class) do |model|
        model.before_create { calls << "before" }
        model.after_create { calls << "after" }
        model.validate { errors.add(:name, "is odd") if name == "odd" }
        calls << attempt { described_class.create_edge!(steps[0], steps[2], "provides") }
        calls << attempt { described_class.create_edge!(steps[0], steps[2], "odd") }
        calls << attempt { described_class.create_edge!(steps[2], steps[0], "provides") }
      end
      calls
    end.to answer_alike.by(override)
  end

  it "sees what was written past ActiveRecord while the query cache is on" do
    far, near = steps.values_at(4, 0)
    other = make_step(task, "other")
    check = ->(from, to) { Outcome.of { described_class.new(from_step: from, to_step: to).send(:ensure_no_cycles!) }.error&.fetch(:class) }
    Tasker::ApplicationRecord.cache do
      expect(check.call(other, near)).to be_nil
      Tasker::ApplicationRecord.connection.raw_connection.exec(<<~SQL)
        INSERT INTO tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
        VALUES (#{far.id}, #{other.id}, 'provides', now(), now())
      SQL
      expect(check.call(other, near)).to eq(refused)
    end
  end
end

RSpec.describe Tasker::WorkflowStepEdge, ".siblings_of", :transactional do
  override = "WorkflowStepEdge.siblings_of"

  let(:task) { make_task }

  # PostgreSQL gives the engine's rows in no order.
  def siblings(step)
    described_class.siblings_of(step).sort_by(&:id).map { |edge| [edge.class, edge.attributes, edge.changed?, edge.persisted?] }
  end

  it "finds the same edges for every step of random tasks" do
    tasks = RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 4, steps: 6..12)
    two = Array.new(2) { make_step(task, "p#{_1}") }
    fan = Array.new(4) { make_step(task, "f#{_1}", parents: two) }
    all = [*tasks.flat_map { |made| made.workflow_steps.to_a }, *fan]
    expect { all.map { |step| siblings(step) } }.to answer_alike.by(override)
    expect(all.map { |step| siblings(step).size }.max).to eq(6)
  end

  it "takes an edge that is there twice for another set of parents" do
    a, b = Array.new(2) { make_step(task, "p#{_1}") }
    c, d, e = Array.new(3) { make_step(task, "c#{_1}", parents: [a, b]) }
    make_edge(a, d)
    expect { [c, d, e].map { |step| siblings(step) } }.to answer_alike.by(override)
    expect(described_class.siblings_of(c).map(&:to_step_id).uniq).to eq([e.id])
  end

  it "is an array of edges that can be changed, in the order of their ids" do
    a = make_step(task, "a")
    b, *others = Array.new(4) { make_step(task, "c#{_1}", parents: [a]) }
    found = described_class.siblings_of(b)
    expect([found.class, found.pluck(:to_step_id)]).to eq([Array, others.map(&:id)])
    expect(found.first.update(name: "other")).to be(true)
    expect { described_class.siblings_of(b).class }.to answer_alike.by(override)
  end

  it "is there on relations, too, and says the same" do
    a = make_step(task, "a")
    b, c = Array.new(2) { make_step(task, "c#{_1}", parents: [a]) }
    expect { described_class.where(name: "nothing").siblings_of(b).map(&:to_step_id) }.to answer_alike.by(override)
    expect { Tasker::StepDagRelationship.siblings_of(c.id).map(&:workflow_step_id) }.to answer_alike.by(override)
  end

  it "leaves odd steps to the engine" do
    expect { described_class.siblings_of(Tasker::WorkflowStep.new) }.to answer_alike.by_the_engine(override)
    odd = Struct.new(:workflow_step_id).new("abc")
    expect { Tasker::ApplicationRecord.transaction(requires_new: true) { described_class.siblings_of(odd) } }
      .to answer_alike.raising(ActiveRecord::StatementInvalid).by_the_engine(override)
  end

  it "refuses what has no id as the engine does" do
    expect { described_class.siblings_of(nil) }.to answer_alike.raising(NoMethodError)
    expect { described_class.siblings_of }.to answer_alike.raising(ArgumentError).whatever_the_message
  end

  it "heeds SQL that an application has put in the place of the engine's" do
    a = make_step(task, "a")
    allow(described_class).to receive(:sibling_sql).and_return("select * from tasker_workflow_step_edges where false")
    b, = Array.new(2) { make_step(task, "c#{_1}", parents: [a]) }
    expect(described_class.siblings_of(b)).to eq([])
  end

  it "runs callbacks on what it finds" do
    a = make_step(task, "a")
    b, = Array.new(2) { make_step(task, "c#{_1}", parents: [a]) }
    expect do
      found = []
      with_model_callbacks(described_class) do |model|
        model.after_find { found << to_step_id }
        described_class.siblings_of(b)
      end
      found
    end.to answer_alike.by(override)
  end
end
