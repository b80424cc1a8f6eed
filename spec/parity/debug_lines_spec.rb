# frozen_string_literal: true

require_relative "../rails_helper"

# The engine's debug lines around a transition, which differ on purpose (docs/architecture.md): where a transition is one statement, its
# line comes after it; and parents that are not done are looked at in the database, without a line for each of them.
RSpec.describe Tasker::StateMachine::StepStateMachine do
  spoken = /transitioning from|dependency not met/
  write = /INSERT INTO "?tasker_workflow_step_transitions/i

  # @return [Array<String>] debug lines and writes of transitions, in order
  define_method(:told) do |&block|
    told = Queue.new
    logger = Logger.new(StringIO.new, formatter: ->(*, message) { told << message[spoken] if message.to_s.match?(spoken) })
    Rails.logger.broadcast_to(logger)
    note = ->(*, payload) { told << "written" if payload[:sql].match?(write) }
    ActiveSupport::Notifications.subscribed(note, "sql.active_record", &block)
    Array.new(told.size) { told.pop }
  ensure
    Rails.logger.stop_broadcasting_to(logger)
  end

  # @return [Array<Array<String>>] with the gem off and on
  def told_off_and_on(&)
    off, on = Array.new(2, &)
    [TaskerCore.without { told { off.call } }, told { on.call }]
  end

  def moving
    step = make_step(make_task("in_progress"), "b", "in_progress")
    -> { step.state_machine.transition_to!("error") }
  end

  it "says that a step moves before the engine has written it, and after the core has" do
    off, on = told_off_and_on { moving }
    expect(off).to eq(["transitioning from", "written"])
    expect(on).to eq(["written", "transitioning from"])
  end

  it "logs it afterwards, too, with a listener only" do
    off = on = nil
    EventRecorder.subscribed(["step.failed"]) { off, on = told_off_and_on { moving } }
    expect(off).to eq(["transitioning from", "written"])
    expect(on).to eq(["written", "transitioning from"])
  end

  it "says it before, off and on, where a callback of the application has a say" do
    off = on = nil
    with_callbacks(described_class) do |machine|
      machine.after_transition { nil }
      off, on = told_off_and_on { moving }
    end
    expect(off).to eq(["transitioning from", "written"])
    expect(on).to eq(off)
  end

  it "names a parent that is not done with the engine only" do
    off, on = told_off_and_on do
      step = make_three_step_task.workflow_steps.order(:workflow_step_id).last
      -> { step.state_machine.transition_to("in_progress") }
    end
    expect(off).to eq(["dependency not met"])
    expect(on).to eq(["written"]) # the statement that would have, and did not
  end
end
