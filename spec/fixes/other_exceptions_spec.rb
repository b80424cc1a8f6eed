# frozen_string_literal: true

require_relative "../rails_helper"

# What leaves a handler without being a StandardError. The engine rescues nothing else, and its pool of threads swallows it.
RSpec.describe TaskerCore::Fixes::StrandedSteps do
  circle = {}.tap { |hash| hash["self"] = hash }
  own = Class.new(Exception) # rubocop:disable Lint/InheritException -- as assertions of test libraries are

  mute = Class.new(Exception) { def message = raise("no words") } # rubocop:disable Lint/InheritException -- as above

  # Ways to leave a handler, and the error that is to be told of them.
  ways = {
    "NotImplementedError" => [->(*) { raise NotImplementedError, "later" }, "NotImplementedError", "later"],
    "LoadError" => [->(*) { require "no/such/file" }, "LoadError", "cannot load such file -- no/such/file"],
    "SyntaxError" => [->(*) { eval("1 +") }, "SyntaxError", /syntax error/], # rubocop:disable Style/EvalWithLocation
    "endless recursion" => [->(*) { (deep = ->(n) { deep.call(n + 1) }).call(0) }, "SystemStackError", "stack level too deep"],
    "results with a circle" => [->(*) { circle }, "SystemStackError", "stack level too deep"],
    "NoMemoryError" => [->(*) { raise NoMemoryError, "failed to allocate" }, "NoMemoryError", "failed to allocate"],
    "exit" => [->(*) { exit(3) }, "SystemExit", "exit"],
    "abort" => [->(*) { raise SystemExit.new(1, "gone") }, "SystemExit", "gone"],
    "Interrupt" => [->(*) { raise Interrupt, "stop" }, "Interrupt", "stop"],
    "a signal" => [->(*) { raise SignalException, "TERM" }, "SignalException", "SIGTERM"],
    "a message that is no text" => [->(*) { raise NotImplementedError, "\xFF \u0000".b }, "NotImplementedError", "\uFFFD "],
    "a message that cannot be read" => [->(*) { raise mute }, "Tasker::ProceduralError", /message cannot be read: RuntimeError: no words/],
    "an exception that is frozen" => [->(*) { raise NotImplementedError.new("later").freeze }, "NotImplementedError", "later"],
    "an exception of its own" => [->(*) { raise own, "mine" }, nil, "mine"],
    "exit amid a transaction" => [->(*) { Tasker::ApplicationRecord.transaction { exit } }, "SystemExit", "exit"]
  }

  # @return [Tasker::WorkflowStep] step `a` of a task that was run
  def run_step(retry_limit: 1, &handle)
    name = "exceptions_#{SecureRandom.hex(4)}"
    workflow = ScriptedWorkflow.new(name, { "a" => handle }, steps: { "a" => [], "b" => %w[a] }, retry_limit:)
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    @task = Tasker::Task.find(task.task_id)
    @task.workflow_steps.min_by(&:workflow_step_id)
  end

  def new_step = make_step(make_task("in_progress"), "a", retry_limit: 3)

  # Runs a step here, without the engine's pool of threads.
  def execute(step, &handle)
    worker = Class.new { define_method(:handle, &handle) }.new
    handler = Struct.new(:worker) { def get_step_handler(_step) = worker }.new(worker)
    Tasker::Orchestration::StepExecutor.new.execute_single_step(step.task, nil, step, handler)
  end

  # @return [Array] the step that was run, and how the call ended
  def execute_here(step = new_step, &)
    ending = begin
      catch(:out) { execute(step, &) }
    rescue Exception => e # rubocop:disable Lint/RescueException -- looked at by the examples
      e.class
    end
    [step.class.find(step.id), ending]
  end

  # @return [Tasker::WorkflowStep] that was run by a thread that was ended meanwhile
  def execute_on_a_thread_that_ends
    step = new_step
    mode = TaskerCore.mode
    Thread.new do
      Tasker::ApplicationRecord.connection_pool.with_connection { TaskerCore::Switch.put(mode) { execute(step) { |*| Thread.exit } } }
    end.join
    step.class.find(step.id)
  end

  shared_examples "the engine" do
    ways.each do |name, (handle, *)|
      it "leaves a step in progress for ever after #{name}" do
        expect(run_step(&handle)).to have_attributes(status: "in_progress", attempts: 0, results: {})
      end
    end

    it "leaves a step in progress for ever whose thread ends, or from which a handler throws" do
      expect(execute_on_a_thread_that_ends).to have_attributes(status: "in_progress", attempts: 0)
      expect(execute_here { |*| throw :out, :thrown }).to match([have_attributes(status: "in_progress", attempts: 0), :thrown])
    end
  end

  it_is_the_engine_without :stranded_steps

  context "with the fix on", repairs: %i[stranded_steps] do
    ways.each do |name, (handle, error_class, message)|
      it "ends a step in error after #{name}, with one attempt and its reason, and the task with it" do
        step = nil
        lines = LogRecorder.lines(level: :error) { step = run_step(&handle) }
        expect(step).to have_attributes(status: "error", attempts: 1, processed: false, in_process: false)
        expect(step.results["error"]).to match(message)
        expect(step.results["error_class"]).to eq(error_class || own.name)
        expect(step.results).to include("backtrace")
        expect(@task.status).to eq("error")
        expect(lines.join).to include("stranded_steps: step #{step.id} fails")
      end
    end

    it "retries it, as any other failure", repairs: RepairSwitches::DEFAULT do
      step = run_step(retry_limit: 3) { |*| raise NotImplementedError, "later" }
      expect([step.status, @task.status, waits_of(@task)]).to match(["error", "pending", [0.0, be_positive]])
    end

    it "publishes the failure to subscribers" do
      events = EventRecorder.subscribed(%w[step.failed]) { run_step { |*| raise LoadError, "no" } }
      expect(events.size).to eq(2)
      expect(events.last.payload).to include(error_message: "no")
    end

    { "exit" => SystemExit, "Interrupt" => Interrupt, "LoadError" => LoadError }.each do |name, error|
      it "lets #{name} go on, so that what must end the process does" do
        expect(execute_here(&ways.fetch(name).first)).to match([have_attributes(status: "error", attempts: 1), error])
      end
    end

    it "lets a Timeout from outside end the call, and says so on the step" do
      step = new_step
      # Long after any machine has called the handler.
      expect { Timeout.timeout(3) { execute(step) { |*| Queue.new.pop } } }.to raise_error(Timeout::Error)
      expect(step.class.find(step.id)).to have_attributes(status: "error", attempts: 1, results: include("error" => /execution expired/))
    end

    it "ends a step in error whose thread ends, or from which a handler throws" do
      text = /was left before its end, by throw or by the end of its thread/
      expect(execute_on_a_thread_that_ends).to have_attributes(status: "error", attempts: 1, results: include("error" => text))
      step, value = execute_here { |*| throw :out, :thrown }
      expect([step.status, step.attempts, step.results["error"], value]).to match(["error", 1, text, :thrown])
    end

    it "ends a step in error that cannot be claimed, so that its task does not go round for ever" do
      Listeners.forgotten_after do
        Tasker::Events::Publisher.instance.subscribe("step.execution_requested") { |*| raise NotImplementedError, "nobody is told" }
        step = run_step { |*| {} }
        expect(step).to have_attributes(status: "error", attempts: 1, results: include("error" => "nobody is told"))
      end
    end

    it "ends a step in error whose subscribers cannot stand its completion" do
      Listeners.forgotten_after do
        Tasker::Events::Publisher.instance.subscribe("step.completed") { |*| raise NotImplementedError, "nobody is told" }
        workflow = ScriptedWorkflow.new("plain_#{SecureRandom.hex(4)}", {}, steps: { "a" => [] }, handler: ScriptedWorkflow::Plain)
        task = workflow.create
        workflow.run(Tasker::Task.find(task.task_id))
        expect(task.workflow_steps.reload.first).to have_attributes(status: "error", attempts: 1)
      end
    end

    it "leaves a step alone that another worker has ended meanwhile" do
      step, = execute_here do |_task, _sequence, row|
        Tasker::WorkflowStep.find(row.id).state_machine.transition_to!("cancelled")
        raise NotImplementedError
      end
      expect(step).to have_attributes(status: "cancelled", attempts: 0, results: {})
    end

    it "keeps the exception if nothing can be written" do
      step, ending = execute_here do |*|
        Tasker::ApplicationRecord.connection.execute("SET default_transaction_read_only = on")
        raise NotImplementedError, "later"
      end
      expect([step.status, ending]).to eq(["in_progress", NotImplementedError])
    ensure
      Tasker::ApplicationRecord.connection.execute("RESET default_transaction_read_only")
    end
  end
end
