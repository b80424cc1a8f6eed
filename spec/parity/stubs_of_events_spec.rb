# frozen_string_literal: true

require_relative "../rails_helper"

# What is put in the place of the methods by which the engine tells of its events is called while nobody listens to any of them, too.
RSpec.describe TaskerCore::Stock::Listeners do
  machines = Tasker::StateMachine
  told = {
    machines::StepStateMachine => %i[safe_fire_event publish_event determine_transition_event_name],
    machines::TaskStateMachine => %i[safe_fire_event publish_event determine_transition_event_name],
    Tasker::Events::EventPayloadBuilder => %i[build_step_payload build_task_payload build_orchestration_payload]
  }

  # Which calls are made, how often and with which arguments, while a workflow is run.
  def calls_in_a_run(workflow, object, method)
    calls = Queue.new
    task = workflow.create
    allow(object).to receive(method).and_wrap_original do |original, *arguments, **keywords|
      calls << [arguments, keywords]
      original.call(*arguments, **keywords)
    end
    workflow.run(Tasker::Task.find(task.task_id))
    normalized = NormalizedRows.new(task)
    Array.new(calls.size) { calls.pop }.map { |arguments, keywords| words(normalized, *arguments, keywords) }.tally.sort
  ensure
    RSpec::Mocks.space.reset_all
  end

  # Attributes of records have no order of their own.
  def words(normalized, *values)
    values.map { |value| value.is_a?(ActiveRecord::Base) ? normalized.row(value).sort : normalized.payload(it: value) }.inspect
  end

  told.each do |object, methods|
    methods.each do |method|
      it "calls a stubbed #{method} of #{object.name.demodulize} as often and with the same" do
        workflow = ScriptedWorkflow.new("told_by_#{object.name.demodulize.underscore}_#{method}", { "d" => ->(*) { raise "no" } })
        calls = nil
        expect { calls = calls_in_a_run(workflow, object, method) }.to answer_alike
        expect(calls).not_to be_empty
      end
    end
  end

  it "runs a workflow by Rust alone again afterwards" do
    workflow = ScriptedWorkflow.new("told_by_nobody", {})
    calls_in_a_run(workflow, machines::StepStateMachine, :safe_fire_event)
    TaskerCore.reset_stats
    workflow.run(workflow.create)
    expect(answers_given.select { |_, counts| counts[:engine].positive? }).to be_empty
  end
end
