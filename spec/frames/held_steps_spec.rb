# frozen_string_literal: true

require_relative "../rails_helper"

# What a handler reads of the step that it was given, where it tells of it itself.
RSpec.describe TaskerCore::Run::HeldStep do
  # Reads its step anew, after its handler has written it past the object, when it is told as done.
  let(:handler) do
    seen = self.seen
    Class.new(ScriptedWorkflow::Handler) do
      define_method(:publish_step_completed) do |step, **context|
        step.reload
        seen << [step.inputs, step.results, step.attempts, step.in_process]
        super(step, **context)
      end
    end
  end
  let(:seen) { Queue.new }

  it "is read from the database once its handler has had it" do
    stub_const("RereadingHandler", handler)
    written = lambda { |_task, _sequence, step|
      Tasker::WorkflowStep.where(workflow_step_id: step.workflow_step_id).update_all(inputs: { "mine" => 1 }, attempts: 7)
      {}
    }
    found = nil
    expect do
      workflow = ScriptedWorkflow.new("held_and_reread", { "a" => written }, handler: RereadingHandler)
      workflow.run(workflow.create)
      found = Array.new(seen.size) { seen.pop }
    end.to answer_alike
    expect(found.first).to eq([{ "mine" => 1 }, {}, 7, false])
  end
end
