# frozen_string_literal: true

require_relative "../rails_helper"

# Fibers that take turns, with a scheduler and by hand, and one that never gets its next turn.
RSpec.describe "Fibers" do
  program = File.expand_path("programs/fibers.rb", __dir__)
  phases = %i[guard_transition before_transition after_transition]

  def new_step = make_step(make_task("in_progress"), "b")

  def move(step) = Tasker::WorkflowStep.find(step.id).state_machine.transition_to!("in_progress")

  # Runs the block while a fiber of the same thread has halted amid its transition.
  # @yieldparam fiber [Fiber]
  def with_halted(phase, step)
    with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
      fiber = Fiber.new { move(step) }
      machine.public_send(phase) { |*| !Fiber.current.equal?(fiber) || Fiber.yield || true }
      fiber.resume
      raise "expected the fiber to halt, got an end" unless fiber.alive?

      yield fiber
    end
  end

  def states_of(*steps)
    Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { steps.map { |step| step.class.find(step.id).status } } }.value
  end

  it "of a scheduler, on connections of their own, have one winner each and run their workflows" do
    steps = Array.new(40) { new_step }
    found = run_in_dummy(program, env: { "STEPS" => steps.map(&:id).join(",") }).answer.deep_symbolize_keys
    expect(found[:races].map { |race| race.count(true) }).to all(eq(1))
    expect(found[:races].flatten.uniq - [true, "Statesman::TransitionFailedError", "Statesman::TransitionConflictError"]).to be_empty
    expect(found).to include(states: ["complete"] * 8, engine: 0, connections: a_value > 2)
    expect(RowFaults.of(*steps.map(&:task_id))).to be_empty
  end

  phases.each do |phase|
    it "that halt in a #{phase} and go on later do what they do with the engine" do
      expect do
        steps = [new_step, new_step]
        answers = with_halted(phase, steps.first) { |fiber| [steps.last.status, move(steps.last), fiber.resume, fiber.alive?] }
        [answers, states_of(*steps), RowFaults.of(*steps.map(&:task_id))]
      end.to answer_alike.by("StepStateMachine#transition_to!")
    end

    it "that halt in a #{phase} for ever leave what they leave with the engine" do
      expect do
        steps = [new_step, new_step]
        answers = with_halted(phase, steps.first) { [steps.last.status, move(steps.last)] }
        GC.start
        [answers, states_of(*steps), RowFaults.of(*steps.map(&:task_id)), move(new_step)]
      ensure
        Tasker::ApplicationRecord.connection.throw_away!
      end.to answer_alike.by("StepStateMachine#transition_to!")
    end
  end
end
