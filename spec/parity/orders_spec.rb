# frozen_string_literal: true

require_relative "../rails_helper"

# In which order things are told and asked: one flat list each, where one step runs at a time.
RSpec.describe Tasker::Orchestration::WorkflowCoordinator do
  before { allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(1) }

  let!(:workflow) { ShapeWorkflow.new(Shapes.linear.with(name: "in_order")).tap(&:create) }

  # @return [Array] events with their payloads, in order; to subscribers also whether a transaction was open
  def told(listen)
    task = nil
    events = EventRecorder.public_send(listen) { workflow.run(task = workflow.create) }
    normalized = NormalizedRows.new(task)
    events.map { |event| [*normalized.event(event), *(event.in_transaction if listen == :subscribed)] }
  end

  # @return [Array] lines of the log, in order
  def written
    task = nil
    lines = LogRecorder.lines { workflow.run(task = workflow.create) }
    LogRecorder.in_order(lines, NormalizedRows.new(task))
  end

  it "publishes the same events in the same order without listeners" do
    events = nil
    expect { events = told(:on_the_bus) }.to answer_alike
    expect(events.map(&:first).grep(/\Astep.execution_requested\z/).size).to be >= 4
  end

  it "publishes them in the same order to subscribers, within and without a transaction alike" do
    events = nil
    expect { events = told(:subscribed) }.to answer_alike
    expect(events.map(&:last).uniq).to contain_exactly(true, false)
  end

  it "writes the same log in the same order" do
    lines = nil
    expect { lines = written }.to answer_alike
    expect(lines.size).to be > 30
  end
end
