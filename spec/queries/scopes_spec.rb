# frozen_string_literal: true

require "rails_helper"

# The crate's scopes (src/scopes) beside the engine's, on the same rows.
RSpec.describe "scopes in Rust" do
  random = Random.new(ENV.fetch("TASKER_CORE_SEED", RSpec.configuration.seed).to_i)

  before(:context) do
    EngineTables.clear # the rows have ids of their own, which other specs may have reached
    connection = Tasker::ApplicationRecord.connection
    connection.execute("select setseed(#{random.rand})")
    connection.execute(File.read(File.expand_path("../../tests/queries/world.sql", __dir__)))
  end

  after(:context) do
    EngineTables.clear
    Tasker::AnnotationType.delete_all
    WorkflowRows.prepare
  end

  it "find what ActiveRecord finds, in random chains" do
    chains = Array.new(600) { ScopeChains.draw(random) }
    answers = ScopeChains.native(chains)
    found = TaskerCore.without { chains.map { |chain| ScopeChains.active_record(chain) } }

    chains.zip(answers, found) do |chain, native, theirs|
      native = native.merge("first" => nil) if theirs["first"].nil? && theirs["keys"].any?
      expect(native).to eq(theirs), "#{chain.to_json} with seed #{random.seed}:\nexpected #{theirs}\ngot      #{native}"
    end
    expect(found.count { |answer| answer["keys"].any? }).to be > 200
  end

  it "find what ActiveRecord finds, each by itself" do
    chains = ScopeChains.subjects.flat_map do |model, subject|
      subject.scopes.values.flat_map do |scope|
        Array.new(5) { { model:, scopes: [[scope.name, *scope.arguments.call(random)]] } }
      end
    end
    found = TaskerCore.without { chains.map { |chain| ScopeChains.active_record(chain)["keys"] } }

    expect(ScopeChains.native(chains).map { |answer| answer["keys"] }).to eq(found)
  end

  it "cover the scopes of the engine's models" do
    missing = ScopeChains.subjects.to_h do |name, subject|
      source = File.read(File.join(Tasker::Engine.root, "app/models/tasker/#{name.underscore}.rb"))
      [name, source.scan(/^\s+scope :(\w+)/).flatten - subject.scopes.keys]
    end

    # It preloads, and changes no rows: models load their associations in one statement each.
    expect(missing.reject { |_, names| names.empty? }).to eq("Task" => ["with_all_associated"])
  end

  describe "scopes that the engine gets wrong" do
    it "fail there" do
      now = Time.current
      step_transitions = Tasker::WorkflowStepTransition
      {
        -> { Tasker::Task.completed_since(now).to_a } => /could not identify an equality operator for type json/,
        -> { Tasker::Task.by_current_state("error").failed_since(now).to_a } => /current_transitions" specified more than once/,
        -> { Tasker::WorkflowStep.completed.completed_since(now).to_a } => /invalid reference to FROM-clause/,
        -> { Tasker::WorkflowStep.pending } => /structurally compatible/,
        -> { Tasker::WorkflowStepEdge.provides_to_children(Tasker::WorkflowStep.first).to_a } => /column "workflow_step_id" does not exist/,
        -> { step_transitions.for_task(9001).to_a } => /missing FROM-clause/,
        -> { step_transitions.retry_transitions.to_a } => /can't cast Arel::Table/,
        -> { step_transitions.with_metadata_value("actor", "Ada").to_a } => /invalid input syntax for type json/,
        -> { Tasker::NamedTask.in_namespace("payments").latest_versions.to_a } => /"task_namespace_id" is ambiguous/,
        -> { Tasker::NamedTask.latest_versions.count } => /syntax error/
      }.each { |call, message| expect(&call).to raise_error(message) }
    end
  end
end
