# frozen_string_literal: true

require_relative "../rails_helper"

# Whoever listens to the engine's events sees what he has always seen when he is told: whether a transaction is open, and the step's state
# in it.
RSpec.describe TaskerCore::Stock::Listeners do
  publisher = Tasker::Events::Publisher.instance
  subscribers = Tasker::Events::Subscribers
  # What a listener can see.
  look = lambda do |seen, event|
    step = Tasker::WorkflowStep.find(event[:step_id])
    seen << [event.id, step.name, step.status, Tasker::ApplicationRecord.connection.transaction_open?]
  end

  # OpenTelemetry is not there, and nothing here makes spans.
  without_a_tracer = ->(subscriber) { subscriber.allocate.tap { |made| made.tracer = nil } }

  # By kind: subscribes one that looks.
  kinds = {
    "a block" => ->(seen) { publisher.subscribe("step.failed") { |event| look.call(seen, event) } },
    "an object that answers to events" => lambda do |seen|
      publisher.subscribe(Class.new { define_method(:on_step_failed) { |event| look.call(seen, event) } }.new)
    end,
    "a subscriber" => lambda do |seen|
      own = Class.new(subscribers::BaseSubscriber) { subscribe_to "step.failed" }
      own.define_method(:handle_step_failed) { |event| look.call(seen, event) }
      own.subscribe(publisher)
    end,
    "a subscriber made of the engine's for telemetry" => lambda do |seen|
      own = Class.new(subscribers::TelemetrySubscriber)
      own.define_method(:should_process_event?) { |_| true }
      own.define_method(:create_step_span) { |event, *| look.call(seen, event) }
      without_a_tracer.call(own).subscribe_to_publisher(publisher)
    end,
    "the engine's for telemetry with something before it" => lambda do |seen|
      with = Module.new do
        define_method(:should_process_event?) { |_| true }
        define_method(:create_step_span) { |event, *| look.call(seen, event) }
      end
      own = without_a_tracer.call(subscribers::TelemetrySubscriber)
      own.singleton_class.prepend(with)
      own.subscribe_to_publisher(publisher)
    end,
    "a subscriber made of the engine's for metrics" => lambda do |seen|
      own = Class.new(subscribers::MetricsSubscriber) { subscribe_to "step.failed" }
      own.define_method(:handle_event) { |_, event| look.call(seen, event) }
      own.subscribe(publisher)
    end
  }

  # @return [Array<Array>] what is seen, while the block runs
  def seen_by(subscribe)
    Listeners.forgotten_after do
      seen = Queue.new
      subscribe.call(seen)
      yield
      Array.new(seen.size) { seen.pop }
    end
  end

  kinds.each do |kind, subscribe|
    it "shows #{kind} the same of a step that is moved" do
      seen = nil
      expect do
        seen = seen_by(subscribe) { make_step(make_task("in_progress"), "b", "in_progress").state_machine.transition_to!("error") }
      end.to answer_alike
      expect(seen).to include(["step.failed", "b", "error", true])
    end

    it "shows #{kind} the same of a workflow" do
      workflow = ScriptedWorkflow.new("shown_to_#{kind.parameterize(separator: "_")}", { "b" => ->(*) { raise "no" } })
      seen = nil
      expect { seen = seen_by(subscribe) { workflow.run(workflow.create) } }.to answer_alike
      expect(seen.last(3)).to eq([["step.failed", "b", "in_progress", false], ["step.failed", "b", "error", true],
                                  ["step.failed", "b", "error", false]])
    end
  end

  it "is not kept from the short way by the engine's own subscribers" do
    [without_a_tracer.call(subscribers::TelemetrySubscriber), subscribers::MetricsSubscriber.new].each do |own|
      Listeners.forgotten_after do
        own.subscribe_to_publisher(publisher)
        expect(described_class.none?("step.failed")).to be(false)
        expect(described_class.any?("step.failed")).to be(false)
      end
    end
  end
end
