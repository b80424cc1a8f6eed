# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/doctor"

# Which code runs a workflow: decided once a run, and shown with each reason's class, method, file and line.
RSpec.describe TaskerCore::Compatibility do
  include TelemetrySettings

  here = "#{Pathname(__FILE__).relative_path_from(Rails.root)}:"
  here = "#{__FILE__}:" if here.start_with?("..")

  before { TaskerCore.reset_stats }
  after { TaskerCore.reset_stats }

  def workflow(name, hooks: Module.new) = ScriptedWorkflow.new("compatibility_#{name}", {}, hooks:)

  # Runs a workflow and returns what is shown of it.
  def shown(workflow)
    events = []
    lines = nil
    ActiveSupport::Notifications.subscribed(->(event) { events << event.payload }, "run.tasker_core") do
      lines = LogRecorder.lines { workflow.run(workflow.create) }
    end
    { stats: TaskerCore.run_stats, events:, lines: lines.grep(/\Atasker-core: workflows of/) }
  end

  it "counts a native run, and says nothing in the log" do
    result = shown(workflow("stock"))
    expect(result[:stats]).to eq(native: 1, engine: 0, reasons: {}, core_loop: 1, loop_reasons: {})
    expect(result[:events]).to contain_exactly(
      include(task_id: Integer, handler: "ScriptedWorkflow::CompatibilityStockHandler", native: true, reasons: [], core_loop: true,
              loop_reasons: [])
    )
    expect(result[:lines]).to be_empty
  end

  it "records nothing where the gem is off" do
    none = { native: 0, engine: 0, reasons: {}, core_loop: 0, loop_reasons: {} }
    expect(TaskerCore.without { shown(workflow("off")) }).to eq(stats: none, events: [], lines: [])
  end

  it "does not count listeners to events as a reason" do
    result = nil
    EventRecorder.on_the_bus { result = shown(workflow("listened")) }
    expect(result[:stats]).to include(native: 1, reasons: {})
  end

  describe "the loop of a native run" do
    def loop_reasons(name, &)
      result = yield -> { shown(workflow(name)) }
      expect(result[:stats]).to include(native: 1, engine: 0, core_loop: 0)
      reasons = result[:stats][:loop_reasons].keys
      expect(result[:lines].map { |line| line[/core's loop, because (.*)/, 1] }).to match_array(reasons)
      expect(result[:events].sole).to include(core_loop: false, loop_reasons: match_array(reasons))
      reasons
    end

    it "is the engine's where an event has a listener, which is shown once with its place" do
      publisher = Tasker::Events::Publisher.instance
      listener = ->(_) {}
      names = [Tasker::Constants::StepEvents::COMPLETED, Tasker::Constants::StepEvents::FAILED]
      reasons = loop_reasons("listener") do |run|
        names.each { |name| publisher.subscribe(name, &listener) }
        run.call
      ensure
        publisher.__bus__.listeners.each_value { |pairs| pairs.delete_if { |candidate, _| candidate.equal?(listener) } }
      end
      expect(reasons).to contain_exactly(match(/\Aa block listens to 2 events \(#{Regexp.escape(here)}\d+\)\z/))
    end

    it "is the engine's where the log has the level debug" do
      with_telemetry(log_level: "debug")
      expect(loop_reasons("debug", &:call)).to eq(["the engine's log has the level debug"])
    end

    it "is the engine's in a transaction of the caller" do
      chosen = workflow("transaction")
      task = chosen.create
      reasons = Tasker::ApplicationRecord.transaction { TaskerCore::WorkflowRun::Eligibility.reasons(task, chosen.handler) }
      expect(reasons.map(&:to_s)).to eq(["the connection has a transaction open, or refuses writes"])
      expect(TaskerCore::WorkflowRun::Eligibility.reasons(task, chosen.handler)).to be_empty
    end

    it "is the engine's for a task object with methods of its own" do
      chosen = workflow("object")
      reasons = loop_reasons("object") do |_|
        task = chosen.create.tap { |created| created.define_singleton_method(:of_its_own) { nil } }
        events = []
        lines = nil
        ActiveSupport::Notifications.subscribed(->(event) { events << event.payload }, "run.tasker_core") do
          lines = LogRecorder.lines { chosen.run(task) }
        end
        { stats: TaskerCore.run_stats, events:, lines: lines.grep(/\Atasker-core: workflows of/) }
      end
      expect(reasons).to eq(["the task object has methods of its own"])
    end
  end

  # What an application adds, in whose presence the block runs, and how the reason begins.
  additions = {
    "a method of the task handler" => [
      "an anonymous module#get_sequence overrides the engine's method",
      { hooks: Module.new { def get_sequence(task) = super.itself } }
    ],
    "a callback of a model" => [
      "Tasker::WorkflowStep after_save (a block) is called on the engine's class",
      { around: ->(example, run) { example.with_model_callbacks(Tasker::WorkflowStep) { |model| model.after_save { |_| nil } && run.call } } }
    ],
    "a validation of a model" => [
      "Tasker::Task validate (a block) is called on the engine's class",
      { around: ->(example, run) { example.with_model_callbacks(Tasker::Task) { |model| model.validate { |_| nil } && run.call } } }
    ]
  }

  additions.each_with_index do |(what, (reason, options)), index|
    it "runs the engine's own loop for #{what}, and shows where it is" do
      chosen = workflow("addition_#{index}", hooks: options.fetch(:hooks) { Module.new })
      run = -> { Array.new(2) { shown(chosen) } }
      first, second = options.key?(:around) ? options[:around].call(self, run) : run.call
      full = first[:stats][:reasons].keys.sole
      expect(full).to match(/\A#{Regexp.escape(reason)} \(#{Regexp.escape(here)}\d+\)\z/)
      expect(second[:stats]).to eq(native: 0, engine: 2, reasons: { full => 2 }, core_loop: 0, loop_reasons: {})
      expect(first[:events]).to contain_exactly(include(native: false, reasons: [full]))
      line = "tasker-core: workflows of ScriptedWorkflow::CompatibilityAddition#{index}Handler run in the engine's own loop, " \
             "because #{full}"
      expect([first[:lines], second[:lines]]).to eq([[line], []])
    end
  end

  it "keeps the native loop for a guard of a state machine, and shows that the engine's own statements change states" do
    result = with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
      machine.guard_transition { |_| true }
      shown(workflow("guarded"))
    end
    expect(result[:stats]).to include(native: 1, engine: 0)
    expect(result[:stats][:reasons].keys).to contain_exactly(
      match(/\ATasker::StateMachine::StepStateMachine guard_transition is called on the engine's class \(#{Regexp.escape(here)}\d+\)\z/)
    )
    expect(result[:lines]).to contain_exactly(
      match(/Handler change states by the engine's own statements, because Tasker::StateMachine/),
      match(/Handler run natively, but not in the core's loop, because tasks or steps change their states by more than the core's/)
    )
  end

  it "names a coordinator's, an executor's and a finalizer's methods that are not the engine's" do
    handler = workflow("strategy").handler
    coordinator = Class.new(Tasker::Orchestration::WorkflowCoordinator) { def execute_workflow(...) = super.itself }
    handler.workflow_coordinator_strategy = coordinator
    handler.send(:step_executor).define_singleton_method(:execute_steps) { |*arguments| super(*arguments) }
    handler.send(:task_finalizer).define_singleton_method(:finalize_task_with_steps) { |*arguments| super(*arguments) }
    expect(described_class.reasons(handler).map { |reason| reason.to_s[/\A\S+ ?\S* ?\S* ?\S*(#|\.)\w+/] }).to eq(
      ["an anonymous class#execute_workflow", "an object of Tasker::Orchestration::StepExecutor.execute_steps",
       "an object of Tasker::Orchestration::TaskFinalizer.finalize_task_with_steps"]
    )
  end

  it "agrees with the decision for each thing that an application can add to a model" do
    model = Tasker::WorkflowStep
    added = {
      "nothing" => -> {},
      "a setter" => -> { model.define_method(:results=) { |value| super(value) } },
      "a way of saving" => -> { model.define_method(:save!) { |**options| super(**options) } },
      "timestamps" => -> { model.record_timestamps = false }
    }
    undo = { "a setter" => -> { model.remove_method(:results=) }, "a way of saving" => -> { model.remove_method(:save!) },
             "timestamps" => -> { model.record_timestamps = true } }
    decisions = added.map do |what, add|
      add.call
      [what, TaskerCore::Stock::Models.stock?(model), TaskerCore::Stock::Models.additions(model).map(&:subject)]
    ensure
      undo[what]&.call
    end
    expect(decisions).to eq(
      [["nothing", true, []], ["a setter", false, ["Tasker::WorkflowStep#results="]],
       ["a way of saving", false, ["Tasker::WorkflowStep#save!"]], ["timestamps", false, ["Tasker::WorkflowStep.record_timestamps"]]]
    )
  end

  describe TaskerCore::Compatibility::RegisteredHandler do
    it "lists the task handlers that the engine has registered, in each namespace and version" do
      handler = workflow("registered").handler.class
      found = described_class.all.select { |registered| registered.handler.to_s == handler.to_s }
      expect(found).to contain_exactly(have_attributes(name: "compatibility_registered", version: "1.0.0", reasons: []))
    end

    it "has the reason of a handler whose class does not exist" do
      missing = described_class.new("default", "orders", "0.1.0", "NoSuchHandler")
      expect(missing.reasons.map(&:to_s)).to eq(["NoSuchHandler cannot be instantiated: NameError: uninitialized constant NoSuchHandler"])
    end
  end

  describe TaskerCore::Doctor::Workflows do
    def findings(*handlers)
      handlers = handlers.map { |handler| TaskerCore::Compatibility::RegisteredHandler.new("default", "orders", "0.1.0", handler) }
      described_class.new(handlers:).findings.map { |finding| [finding.status, finding.text] }
    end

    it "counts the task handlers whose runs are native, and groups the others by their reasons" do
      hooks = Module.new { def get_sequence(task) = super.itself }
      stock, *others = [workflow("doctor"), workflow("doctor_a", hooks:), workflow("doctor_b", hooks:)].map { |each| each.handler.class }
      expect(findings(stock, *others)).to match(
        [[:ok, "1 of 3 task handlers run natively"],
         [:warn, /\Aworkflows of \S+AHandler, \S+BHandler run in the engine's own loop, because:\nan anonymous module#get_sequence/]]
      )
    end

    it "names what keeps native workflows out of the core's loop" do
      with_telemetry(log_level: "debug")
      expect(findings(workflow("doctor_loop").handler.class)).to match(
        [[:ok, "1 of 1 task handlers run natively"],
         [:warn, /\Aworkflows of \S+LoopHandler run natively, but not in the core's loop, because:\nthe engine's log has the level debug$/]]
      )
    end

    it "reports a handler that cannot be instantiated, and goes on" do
      broken = Class.new { def initialize = raise(ArgumentError, "no\nconfiguration") }
      expect(findings(broken)).to match([[:ok, "0 of 1 task handlers run natively"], [:warn, /cannot be instantiated: ArgumentError: no$/]])
    end

    it "names tables with row triggers" do
      allow(TaskerCore::Stock::RowTriggers).to receive(:on?) { |tables| tables == ["tasker_tasks"] }
      expect(findings.last).to eq([:ok, "no task handler is registered"])
      expect(findings(workflow("triggers").handler.class).last)
        .to eq([:warn, "row triggers on tasker_tasks: the engine's own statements write to it"])
    end
  end
end
