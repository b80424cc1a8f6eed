# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_program"

# The crate's events (feature `events`) beside those of the installed engine.
RSpec.describe "Events that a program in Rust reads" do
  before(:context) { RustProgram.build }

  it "have the names that the engine registers, all of them and no other" do
    names = JSON.parse(RustProgram.run("events", "--names", "--json"))
    expect(names).to match_array(engine_names)
    # A fresh publisher: an application may have registered events of its own.
    expect(names).to match_array(Tasker::Events::Publisher.send(:new).__bus__.events.keys)
  end

  def engine_names
    constants = Tasker::Constants
    modules = [constants::TaskEvents, constants::StepEvents, constants::WorkflowEvents, constants::ObservabilityEvents::Task,
               constants::ObservabilityEvents::Step, constants::TestEvents]
    names = modules.flat_map { |group| group.constants.map { |name| group.const_get(name) } } + Tasker::Telemetry::Events::ExportEvents::ALL_EVENTS
    expect(names.size).to eq(56)
    names.uniq
  end

  # The class of instants and spans. A row is read after its transaction, in which the engine publishes: an attempt may have ended since.
  def comparable_value(key, value)
    case key
    when "timestamp", "transitioned_at", "execution_duration" then value.class.name
    when "started_at", "completed_at", "attempt_number" then "later"
    when "step_dependencies" then value.sort
    else value
    end
  end

  # What the state machines publish: their payloads alone have the instant of the transition.
  def published(events)
    events.select { |event| event.payload.key?(:transitioned_at) }.map { |event| [event.name, event.payload.to_h.as_json] }
  end

  def read(task)
    events = RustProgram.lines("events", "--json", "--last", 10_000, "--task", task.task_id)
    events.map { |event| event.values_at("name", "payload") }
  end

  def comparable(events)
    events.map { |name, payload| [name, payload.to_h { |key, value| [key, comparable_value(key, value)] }.sort] }.sort_by(&:to_s)
  end

  switches = [false, true]
  script = { "d" => ->(*) { raise "d does not work" } }
  { "complete" => {}, "failing" => script }.each do |name, steps|
    switches.each do |gem|
      it "have the engine's payloads: a #{name} workflow, the gem #{gem ? "on" : "off"}" do
        workflow = ScriptedWorkflow.new("rust_events_#{name}_#{gem}", steps)
        task = nil
        run = lambda do
          EventRecorder.subscribed do
            task = workflow.create
            workflow.run(Tasker::Task.find(task.task_id))
          end
        end
        events = published(gem ? run.call : TaskerCore.without(&run))
        expect(events.size).to be > 8
        expect(comparable(read(task))).to eq(comparable(events))
      end
    end
  end

  describe "with notifications" do
    before { RustProgram.run("schema", "notify") }

    after { RustProgram.run("schema", "notify", "--remove") }

    # A row trigger of the application would put the gem onto the engine's order of statements.
    it "leave the gem on its own statements" do
      TaskerCore::Stock::RowTriggers.refresh
      expect(TaskerCore::Stock::RowTriggers.on?(TaskerCore::Stock::RowTriggers::TABLES)).to be(false)
      with = statements_of("rust_events_with")
      RustProgram.run("schema", "notify", "--remove")
      TaskerCore::Stock::RowTriggers.refresh
      expect(with).to eq(statements_of("rust_events_without"))
    end

    def statements_of(name)
      task = ScriptedWorkflow.new(name, {}).create
      count_queries { ScriptedWorkflow.new(name, {}).run(Tasker::Task.find(task.task_id)) }
    end

    switches.each do |gem|
      it "are notified once for each commit of Rails, the gem #{gem ? "on" : "off"}" do
        task = ScriptedWorkflow.new("rust_events_notified_#{gem}", {}).create
        listener = PG.connect(ENV.fetch("DATABASE_URL"))
        listener.exec("LISTEN tasker_core_transitions")
        states = %w[in_progress pending in_progress]
        move = -> { Tasker::ApplicationRecord.transaction { states.each { |state| task.state_machine.transition_to!(state) } } }
        gem ? move.call : TaskerCore.without(&move)
        expect(notifications(listener)).to eq([""])
      ensure
        listener&.close
      end
    end

    # Those before one that is sent now.
    def notifications(listener)
      listener.exec("SELECT pg_notify('tasker_core_transitions', 'end')")
      found = []
      found << listener.notifies&.fetch(:extra) until found.last == "end"
      found[..-2].compact
    end
  end

  describe "behind a transaction pooler" do
    it "are refused in one sentence where notifications are asked for" do
      watch = File.join(RustProgram.build, "examples/watch")
      PgBouncer.run do |url|
        _, errors, status = Open3.capture3({ "DATABASE_URL" => url, "PGOPTIONS" => nil }, watch)
        expect(status.exitstatus).to eq(1)
        expect(errors).to match(/expected a session of the server's own for LISTEN .* a transaction pooler stands in between/)
      end
    end

    # More often than there are sessions.
    it "are answered like all questions of the program" do
      task = ScriptedWorkflow.new("rust_events_pooled", {}).create
      task.state_machine.transition_to!("in_progress")
      PgBouncer.run do |url|
        (PgBouncer::SESSIONS * 2).times do
          event = RustProgram.lines("events", "--json", "--last", 1, "--task", task.task_id, url:).sole
          expect(event["name"]).to eq("task.start_requested")
        end
        [%w[health], %w[ready], %w[slowest], %w[task list], %w[schema check]].each { |command| RustProgram.run(*command, url:) }
      end
    end
  end
end
