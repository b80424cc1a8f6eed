# frozen_string_literal: true

require_relative "../rails_helper"

# How a task comes into the world, or does not, and how it is started.
RSpec.describe Tasker::Orchestration::TaskInitializer do
  # Asks for a batch that is a number.
  strict = Module.new do
    def schema
      { type: "object", required: %w[batch], properties: { batch: { type: "integer" }, size: { type: "integer", default: 3 } } }
    end
  end

  let!(:workflow) { ScriptedWorkflow.new("strictly_created", {}, hooks: strict) }

  # What an attempt leaves, the log and the queue included.
  def attempt(context, listen)
    forget_jobs
    before = rows
    outcome = events = nil
    lines = LogRecorder.lines { events = EventRecorder.public_send(listen) { outcome = Outcome.of { workflow.create(context) } } }
    task = outcome.value
    normalized = NormalizedRows.new(*(task if task&.persisted?))
    { error: outcome.error, task: task && about(task), rows: rows.zip(before).map { |now, earlier| now - earlier },
      events: events.map { |event| normalized.event(event) }, log: LogRecorder.sorted(lines, normalized) }
  end

  def rows = [Tasker::Task, Tasker::WorkflowStep, Tasker::WorkflowStepEdge].map(&:count)

  def about(task)
    { saved: task.persisted?, errors: task.errors.full_messages, context: task.context,
      steps: task.workflow_steps.sort_by(&:id).map(&:name), jobs: jobs_of(task).size }
  end

  refused = {
    "without what is wanted" => {}, "of another type" => { "batch" => "one" }, "with what nobody knows" => { "batch" => 1, "odd" => true },
    "with all of that" => { "odd" => 1, "size" => "large" }
  }

  %i[on_the_bus subscribed].each do |listen|
    refused.each do |what, context|
      it "refuses a context #{what} (#{listen})" do
        seen = nil
        expect { seen = attempt(context, listen) }.to answer_alike
        expect(seen).to include(task: hash_including(saved: false, jobs: 0), rows: [0, 0, 0])
        expect(seen.dig(:task, :errors)).to all(start_with("Context ")).and(be_present)
        expect(seen[:events].map(&:first)).to eq(["task.failed"])
      end
    end

    it "creates one whose context is well, with its steps and its job (#{listen})" do
      seen = nil
      expect { seen = attempt({ "batch" => 1, "size" => 2 }, listen) }.to answer_alike
      expect(seen).to include(task: hash_including(saved: true, jobs: 1, errors: []), rows: [1, 5, 5])
    end
  end

  it "leaves nothing of a task whose steps cannot be made" do
    seen = nil
    allow(Tasker::Orchestration::StepSequenceFactory).to receive(:create_sequence_for_task!).and_raise(IOError, "no steps")
    expect { seen = attempt({ "batch" => 1, "size" => 2 }, :on_the_bus) }.to answer_alike
    expect(seen).to include(error: hash_including(class: IOError), rows: [0, 0, 0])
  end

  describe "the start of a task" do
    start = ->(task) { described_class.new.start_task!(task) }
    procedural = Tasker::ProceduralError
    states = %w[in_progress complete error cancelled resolved_manually]

    def started(task, subscribed: false, &block)
      observed = nil
      lines = LogRecorder.lines { observed = observe(task, subscribed:, &block) }
      { **observed, log: LogRecorder.sorted(lines, NormalizedRows.new(task)) }
    end

    [false, true].each do |subscribed|
      it "moves one that is pending#{" and is listened to" if subscribed}" do
        expect { started(make_task, subscribed:) { |task| start.call(task) } }.to answer_alike
        expect { started(make_task("in_progress", "error", "pending"), subscribed:) { |task| start.call(task) } }.to answer_alike
      end

      it "is refused to one that has been completed#{" and is listened to" if subscribed}" do
        task = make_task("in_progress", "complete", complete: true)
        seen = nil
        expect { seen = started(Tasker::Task.find(task.task_id), subscribed:, &start) }.to answer_alike
        expect(seen[:outcome].error).to include(class: procedural, message: "task already complete for task #{task.task_id}")
      end

      states.each do |state|
        it "is refused to one that is #{state}#{" and is listened to" if subscribed}" do
          task = make_task(state)
          seen = nil
          expect { seen = Outcome.of { start.call(Tasker::Task.find(task.task_id)) } }.to answer_alike
          expect(seen.error).to include(class: procedural, message: "task is not pending for task #{task.task_id}, status is #{state}")
        end
      end
    end

    it "fails where a guard of the application says no" do
      seen = nil
      expect do
        with_callbacks(Tasker::StateMachine::TaskStateMachine) do |machine|
          machine.guard_transition(to: "in_progress") { false }
          seen = started(make_task) { |task| start.call(task) }
        end
      end.to answer_alike
      expect(seen[:outcome].value).to be(false)
      expect(seen[:events].map(&:first)).to eq(["task.failed"])
    end
  end
end
