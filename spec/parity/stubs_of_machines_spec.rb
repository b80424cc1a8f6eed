# frozen_string_literal: true

require_relative "../rails_helper"

# What the engine's machines ask themselves before and after a transition is asked where somebody has put something in its place.
RSpec.describe Tasker::StateMachine do
  kinds = { "StepStateMachine" => -> { make_step(make_task, "b") }, "TaskStateMachine" => -> { make_task } }

  moves = %i[transition_to! transition_to]

  kinds.each do |name, make|
    moves.each do |method|
      it "heeds a stubbed idempotent_transition? of #{name} in #{method}" do
        expect do
          owner = instance_exec(&make)
          allow(described_class.const_get(name)).to receive(:idempotent_transition?).and_return(true)
          [Outcome.of { owner.state_machine.public_send(method, "in_progress") }, owner.class.find(owner.id).status]
        ensure
          RSpec::Mocks.space.reset_all
        end.to answer_alike
      end
    end

    it "heeds a stubbed effective_current_state of #{name}" do
      expect do
        owner = instance_exec(&make)
        allow(described_class.const_get(name)).to receive(:effective_current_state).and_raise(IOError, "not here")
        [Outcome.of { owner.state_machine.transition_to!("in_progress") }, owner.class.find(owner.id).status]
      ensure
        RSpec::Mocks.space.reset_all
      end.to answer_alike
    end
  end

  it "hands a handler's own way of publishing what the engine would" do
    handler = Class.new(ScriptedWorkflow::Handler) do
      def self.told = @told ||= Queue.new
      def self.name = "OwnPublisher"

      private

      def publish_event_with_logging(name, payload = {}, &)
        self.class.told << [name, payload.keys.sort]
        super
      end
    end
    stub_const("OwnPublisher", handler)
    workflow = ScriptedWorkflow.new("own_publisher", {}, handler:)
    expect do
      workflow.run(workflow.create)
      Array.new(handler.told.size) { handler.told.pop }.tally.sort_by(&:inspect)
    end.to answer_alike
  end

  {
    "step" => [:save!, ->(step) { Tasker::Orchestration::StepExecutor.new.send(:complete_step_execution, step.task, step) }],
    "task" => [:update!, ->(task) { Tasker::Orchestration::TaskFinalizer.new.complete_task(task, nil) }]
  }.each do |kind, (name, call)|
    it "heeds a stubbed #{name} of one #{kind}" do
      expect do
        owner = kind == "task" ? make_task("in_progress") : make_step(make_task("in_progress"), "b", "in_progress")
        allow(owner).to receive(name).and_raise(ActiveRecord::RecordNotSaved.new("not today"))
        [Outcome.of { call.call(owner) && :done }, owner.class.find(owner.id).status]
      ensure
        RSpec::Mocks.space.reset_all
      end.to answer_alike
    end
  end

  it "ends doubles as the engine does" do
    expect do
      setters = %i[attempts= last_attempted_at= processed= in_process= processed_at=].to_h { |setter| [setter, nil] }
      step = instance_double(Tasker::WorkflowStep, attempts: 1, workflow_step_id: 8, **setters)
      allow(step).to receive(:save!).and_raise(ActiveRecord::RecordNotSaved.new("not today"))
      task = instance_double(Tasker::Task, task_id: 7)
      allow(task).to receive(:state_machine).and_raise(IOError, "no machine")
      [Outcome.of { Tasker::Orchestration::StepExecutor.new.send(:complete_step_execution, task, step) },
       Outcome.of { Tasker::Orchestration::TaskFinalizer.new.complete_task(task, nil) }]
    end.to answer_alike
  end
end
