# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "docs/parity.md" do
  # Where section 1 of the engine's overrides lies: questions about dependencies and states, and their changes.
  overridden_classes = %w[
    Functions::FunctionWrapper Functions::FunctionBasedStepReadinessStatus Functions::FunctionBasedTaskExecutionContext
    Functions::FunctionBasedDependencyLevels Functions::FunctionBasedSystemHealthCounts Functions::FunctionBasedAnalyticsMetrics
    Functions::FunctionBasedSlowestSteps Functions::FunctionBasedSlowestTasks StepReadinessStatus TaskExecutionContext
    WorkflowStep WorkflowStep::StepFinder Task WorkflowStepEdge StepDagRelationship NamedStep NamedTask NamedTasksNamedStep
    Analysis::RuntimeGraphAnalyzer Analysis::TemplateGraphAnalyzer
    StateMachine StateMachine::TaskStateMachine StateMachine::StepStateMachine StateMachine::Compatibility
    Concerns::IdempotentStateTransitions Orchestration::ViableStepDiscovery Orchestration::WorkflowCoordinator
    Orchestration::StepSequenceFactory Orchestration::Coordinator Orchestration::StepExecutor Orchestration::TaskInitializer
    Orchestration::TaskFinalizer Orchestration::TaskFinalizer::ContextManager Orchestration::TaskFinalizer::BlockageChecker
    Orchestration::TaskFinalizer::FinalizationProcessor Orchestration::TaskFinalizer::FinalizationDecisionMaker
    Orchestration::TaskFinalizer::UnclearStateHandler Orchestration::TaskFinalizer::ReenqueueManager
    Orchestration::TaskFinalizer::DelayCalculator Orchestration::TaskFinalizer::ReasonDeterminer Orchestration::TaskReenqueuer
    Orchestration::ConnectionPoolIntelligence Orchestration::FutureStateAnalyzer Events::EventPayloadBuilder Events::Publisher
    Concerns::EventPublisher Concerns::StructuredLogging StepHandler::Base IdentityStrategy HashIdentityStrategy
    TaskHandler::InstanceMethods TaskHandler::StepGroup TaskRunnerJob Types::StepSequence TasksController WorkflowStepsController
  ]

  let(:table) { ParityTable.new }
  let(:rows) { table.rows }

  before { TaskerCore::Engine::Registry.load_models }

  it "can be read" do
    expect(table.unreadable).to be_empty
    expect(rows.map(&:to_s).tally.select { |_, count| count > 1 }).to be_empty
    expect(rows.map(&:by).uniq - %w[native engine repaired]).to be_empty
  end

  it "has a section for each class of the engine that has overrides" do
    expect(overridden_classes - table.owners).to be_empty
  end

  it "has a row for each public method of them" do
    methods = table.owners.flat_map { |owner| ParityTable.methods_of(owner).map { |method| "#{owner}#{method}" } }
    expect(methods.size).to be > 250
    expect(methods - rows.map(&:to_s)).to be_empty
  end

  it "names nothing that the engine does not have" do
    expect(rows.reject(&:exists?).map(&:to_s)).to be_empty
  end

  it "says native for the overrides, and for nothing else" do
    by_name = rows.to_h { |row| [row.override, row.by] }
    others = rows.map(&:by).uniq - %w[native repaired]
    expect(TaskerCore.stats.keys.select { |override| [nil, *others].include?(by_name[override]) }).to be_empty
    expect(by_name.select { |_, by| by == "native" }.keys - TaskerCore.stats.keys).to be_empty
  end

  it "names an existing fix for each repaired method" do
    named = rows.select { |row| row.by == "repaired" }.map { |row| row.reason[/\A`(\w+)`/, 1]&.to_sym }
    expect(named - TaskerCore::Fix.names).to be_empty
    expect(named).not_to be_empty
  end

  # A relation of steps has no name of its own that could head a section.
  it "has a row with a spec for each method in whose place something stands" do
    by_name = rows.to_h { |row| [row.to_s, row] }
    replaced = ParityTable.replaced.map { |name| name.sub("ActiveRecord::Associations::CollectionProxy#count", "Task#workflow_steps") }
    expect(replaced).to include("Events::Publisher#publish", "Task.find", "StepHandler::Base#handle")
    expect(replaced.reject { |name| by_name[name]&.spec }).to be_empty
  end

  it "names specs that speak of what they prove" do
    silent = rows.reject { |row| row.by == "engine" }.reject do |row|
      words = [row.name[1..], row.override, *(row.reason[/\A`(\w+)`/, 1] if row.by == "repaired")]
      File.read(File.join(ChildProcess::ROOT, row.spec)).match?(Regexp.union(words))
    end
    expect(silent.map { |row| [row.to_s, row.spec] }).to be_empty
  end

  # Those of classes that have no section are no overrides.
  it "lists methods with a fix as repaired, except overrides" do
    mended = TaskerCore::Engine::Registry.entries.flat_map do |entry|
      owner = entry.class_name.delete_prefix("Tasker::")
      fixes = entry.around.select { |patch| patch.name.start_with?("TaskerCore::Fixes::") }
      fixes.flat_map(&:public_instance_methods).map { |method| [owner, "#{entry.prefix[-1]}#{method}"] }
    end
    by_name = rows.to_h { |row| [row.to_s, row.by] }
    owners = table.owners
    named = mended.filter_map { |owner, method| "#{owner}#{method}" if owners.include?(owner) }
    engines_own = [nil, "engine"]
    expect(named.select { |name| engines_own.include?(by_name[name]) }).to be_empty
    expect(named).not_to be_empty
  end

  it "names specs that are there, for all that is not the engine's own" do
    missing = rows.filter_map(&:spec).uniq.reject { |path| File.file?(File.join(ChildProcess::ROOT, path)) }
    expect(missing).to be_empty
    expect(rows.select { |row| row.by != "engine" && row.spec.nil? }.map(&:to_s)).to be_empty
  end

  it "gives a reason for all that is the engine's own" do
    expect(rows.select { |row| row.by == "engine" && row.reason.empty? }.map(&:to_s)).to be_empty
  end

  it "would be found wanting" do
    broken = ParityTable.new("## Task\n\n| method | answered by | spec | reason |\n| `#nonsense` | native | — | |\n| status | engine |\n")
    expect(broken.unreadable).to eq(["| status | engine |"])
    expect(broken.rows.map { |row| [row.to_s, row.override, row.by, row.spec, row.reason, row.exists?] })
      .to eq([["Task#nonsense", "Task#nonsense", "native", nil, "", false]])
    expect(ParityTable.methods_of("Task")).to include("#status", ".by_current_state", ".create_with_defaults!")
  end
end
