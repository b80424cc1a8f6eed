# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::StrandedSteps do
  # An error that was never raised, as some libraries hand them on.
  untraced = Class.new(StandardError) { def backtrace = nil }

  # What becomes of step `a` of a task, when its handler does that.
  def end_of_step
    worker = Class.new { define_method(:handle) { |_task, _sequence, step| yield step } }.new
    task = make_task("in_progress")
    step = make_step(task, "a", retry_limit: 3)
    handler = Struct.new(:worker) { def get_step_handler(_step) = worker }.new(worker)
    Tasker::Orchestration::StepExecutor.new.execute_single_step(task, nil, step, handler)
    Tasker::WorkflowStep.find(step.id)
  end

  misfortunes = {
    "results that PostgreSQL does not take" => ->(step) { step.results = { "text" => "\u0000" } },
    "results that are no JSON" => ->(step) { step.results = { "text" => "\xFF" } },
    "an attribute that is out of range" => ->(step) { step.backoff_request_seconds = 2**40 },
    "an attribute that is invalid" => ->(step) { step.named_step_id = nil },
    "an error without a backtrace" => ->(*) { raise untraced, "somewhere" },
    "an error after results that are no Hash" => lambda do |step|
      step.results = [1, 2]
      raise "too late"
    end,
    "an error that PostgreSQL does not take" => ->(*) { raise "a \u0000 in it" },
    "an error in another encoding" => ->(*) { raise "\xFF".b },
    "an error beside results that PostgreSQL does not take" => lambda do |step|
      step.results = { "text" => "\u0000" }
      raise "and an error"
    end
  }

  shared_examples "the engine" do
    misfortunes.each do |name, handle|
      it "leaves a step in progress for ever after #{name}" do
        expect(end_of_step(&handle)).to have_attributes(status: "in_progress", attempts: 0, results: {})
      end
    end
  end

  it_is_the_engine_without :stranded_steps

  context "with the fix on", repairs: %i[stranded_steps] do
    misfortunes.each do |name, handle|
      it "ends a step in error after #{name}, with one attempt" do
        step = end_of_step(&handle)
        expect(step).to have_attributes(status: "error", attempts: 1, processed: false, in_process: false, processed_at: nil)
        expect(step.results.keys).to include("error", "backtrace", "error_class")
        expect(step.workflow_step_transitions.order(:sort_key).pluck(:to_state)).to eq(%w[in_progress error])
      end
    end

    it "says why a step could not be completed" do
      step = end_of_step { |row| row.results = { "text" => "\u0000" } }
      expect(step.results["error_class"]).to eq("Tasker::ProceduralError")
      expect(step.results["error"])
        .to match(/\AStep #{step.id} was run and cannot be completed: ActiveRecord::StatementInvalid: .*unicode/im)
    end

    it "keeps what the handler has said" do
      expect(end_of_step { |*| raise untraced, "somewhere" }.results).to include("error" => "somewhere", "backtrace" => "")
      expect(end_of_step { |*| raise "\xFF".b }.results).to include("error" => "\uFFFD", "error_class" => "RuntimeError")
      expect(end_of_step { |*| raise "a \u0000 in it" }.results).to include("error" => "a  in it", "error_class" => "RuntimeError")
    end

    it "keeps results that are no Hash beside the error" do
      step = end_of_step do |row|
        row.results = [1, 2]
        raise "too late"
      end
      expect(step.results).to include("results" => [1, 2], "error" => "too late")
    end

    it "lets a whole task end that would hang" do
      workflow = ScriptedWorkflow.new("stranded_#{SecureRandom.hex(4)}", { "b" => ->(*) { { "text" => "\u0000" } } })
      task = workflow.create
      workflow.run(task)
      expect(Tasker::Task.find(task.task_id).status).to eq("error")
      expect(task.workflow_steps.reload.map(&:status).tally).to eq("complete" => 1, "error" => 1, "pending" => 3)
    end

    it "publishes the failure once" do
      events = EventRecorder.on_the_bus { end_of_step { |row| row.results = { "text" => "\u0000" } } }.map(&:name)
      expect(events.tally).to include("step.failed" => 2)
      expect(events).not_to include("step.completed")
    end

    it "leaves a step alone that another worker has ended meanwhile" do
      step = end_of_step { |row| Tasker::WorkflowStep.find(row.id).state_machine.transition_to!("cancelled") }
      expect(step).to have_attributes(status: "cancelled", attempts: 0, results: {})
    end

    it "does not notice when all goes well, or fails as it should" do
      expect(end_of_step { |row| row.results = { "well" => true } }).to have_attributes(status: "complete", results: { "well" => true })
      expect(end_of_step { |*| raise "no" }).to have_attributes(status: "error", attempts: 1)
    end
  end
end
