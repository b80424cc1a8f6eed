# frozen_string_literal: true

require_relative "../rails_helper"

# Code of the application whose statement fails amid a transition, and which rescues that: PostgreSQL then answers COMMIT with a silent
# ROLLBACK. Or that ends the transition's transaction itself, of which ActiveRecord does not know.
RSpec.describe "A transition's transaction" do
  in_progress = "step.execution_requested"
  completed = "step.completed"
  failed = "step.failed"

  # What a subscriber does, in the words of the specs below.
  deeds = {
    "a statement fails" => ->(connection) { connection.execute("SELECT 1 / 0") },
    "a row is there already" => ->(*) { Tasker::DependentSystem.insert!({ name: "specs", created_at: Time.now, updated_at: Time.now }) },
    "it is rolled back" => ->(connection) { connection.execute("ROLLBACK") }
  }

  # Runs the block while a subscriber to these events does that, inside of transactions only.
  def with_a_subscriber(events, deed)
    Listeners.forgotten_after do
      events.each do |event|
        Tasker::Events::Publisher.instance.subscribe(event) do |*|
          connection = Tasker::ApplicationRecord.connection
          deed.call(connection) if connection.transaction_open?
        rescue ActiveRecord::StatementInvalid
          nil
        end
      end
      yield
    end
  end

  # What becomes of step `a` of a workflow that runs meanwhile.
  # @return [Hash]
  def run_with_a_subscriber(events, deed, script = {})
    lines = nil
    task = nil
    with_a_subscriber(events, deed) do
      workflow = ScriptedWorkflow.new("spoilt_#{SecureRandom.hex(4)}", script, steps: { "a" => [] })
      task = workflow.create
      lines = LogRecorder.lines(level: :error) { workflow.run(Tasker::Task.find(task.task_id)) }
    end
    step = task.workflow_steps.reload.first
    { task: Tasker::Task.find(task.task_id).status, status: step.status, attempts: step.attempts,
      error: step.results.values_at("error_class", "error"), log: lines.join(" ").gsub(/\b(step|WorkflowStep) \d+/i, "step") }
  end

  shared_examples "the engine" do
    deeds.each do |name, deed|
      it "leaves a step in progress for ever, with two lines of the log, where #{name} amid its completion" do
        expect(run_with_a_subscriber([completed], deed))
          .to include(status: "in_progress", attempts: 0, error: [nil, nil], task: "pending",
                      log: /Failed to transition.* to complete: PG::.*Unexpected error completing step: PG::/m)
      end
    end
  end

  it_is_the_engine_without :stranded_steps

  it "is the same to the application's own transitions, whose loss the engine takes for success" do
    deeds.each_value do |deed|
      expect do
        with_a_subscriber([in_progress], deed) do
          step = make_step(make_task("in_progress"), "a")
          [step.state_machine.transition_to!("in_progress"), step.class.find(step.id).status]
        end
      end.to answer_alike
    end
  end

  it "that the application has committed itself is an error to the engine's executor, which has written the step's end" do
    expect { run_with_a_subscriber([completed], ->(connection) { connection.execute("COMMIT") }).except(:log) }.to answer_alike
  end

  context "with the fix on", repairs: %i[stranded_steps] do
    deeds.each do |name, deed|
      it "ends a step in error with the reason, where #{name} amid its completion" do
        ended = run_with_a_subscriber([completed], deed)
        expect(ended).to include(status: "error", attempts: 1, task: "error")
        reason = /cannot be completed: ActiveRecord::StatementInvalid: PG::\w+Transaction/
        expect(ended[:error]).to match(["Tasker::ProceduralError", reason])
        expect(ended[:log]).to include("Failed to transition", "Unexpected error completing step")
      end

      it "ends a step in error where #{name} amid its claim, so that its handler is not called" do
        called = false
        ended = run_with_a_subscriber([in_progress], deed, { "a" => ->(*) { called = true } })
        expect(ended).to include(status: "error", attempts: 1, error: ["ActiveRecord::StatementInvalid", /\APG::\w+Transaction/])
        expect(called).to be(false)
      end

      it "ends a step in error where #{name} amid each of its ends" do
        ended = run_with_a_subscriber([completed, failed], deed)
        expect(ended).to include(status: "error", attempts: 1, task: "error")
        expect(ended[:error].last).to match(/PG::\w+Transaction/)
      end

      it "is refused to the application, where #{name} amid a transition of its own" do
        with_a_subscriber([in_progress, "task.start_requested"], deed) do
          [[make_step(make_task("in_progress"), "a"), "in_progress"], [make_task("pending"), "in_progress"]].each do |owner, to|
            expect { owner.state_machine.transition_to!(to) }.to raise_error(ActiveRecord::StatementInvalid, /PG::\w+Transaction/)
            expect(owner.class.find(owner.id).status).to eq("pending")
          end
        end
      end

      it "is an error in the application's own transaction, too, where #{name}" do
        next if name == "it is rolled back" # and with it what the savepoint was in

        step = make_step(make_task("in_progress"), "a")
        with_a_subscriber([in_progress], deed) do
          Tasker::ApplicationRecord.transaction do
            expect { step.state_machine.transition_to!("in_progress") }.to raise_error(ActiveRecord::StatementInvalid)
            raise ActiveRecord::Rollback
          end
        end
        expect(step.class.find(step.id).status).to eq("pending")
      end
    end

    it "that the application has committed itself is no error: the step has moved" do
      step = make_step(make_task("in_progress"), "a")
      with_a_subscriber([in_progress], ->(connection) { connection.execute("COMMIT") }) do
        expect(step.state_machine.transition_to!("in_progress")).to be(true)
      end
      expect(step.class.find(step.id).status).to eq("in_progress")
      ended = run_with_a_subscriber([completed], ->(connection) { connection.execute("COMMIT") })
      expect(ended).to include(status: "complete", attempts: 1)
    end
  end
end
