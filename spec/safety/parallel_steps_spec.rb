# frozen_string_literal: true

require_relative "../rails_helper"
require "concurrent/atomic/cyclic_barrier"

# Steps of one wave, each of which waits in its handler until as many are there as the engine's settings let run at once.
RSpec.describe "Steps of one wave" do
  # Those who wait for each other, and how many were there at most.
  meeting = Class.new do
    # @return [Integer]
    attr_reader :most

    def initialize(size)
      @barrier = Concurrent::CyclicBarrier.new(size)
      @mutex = Mutex.new
      @present = @most = 0
    end

    # @return [Boolean] whether enough came; whoever has waited for 20 s has waited alone
    def attend
      @mutex.synchronize { @most = [@most, @present += 1].max }
      @barrier.wait(20)
    ensure
      @mutex.synchronize { @present -= 1 }
    end
  end

  # A workflow whose branches attend; its first and its last step have nobody to wait for.
  def fan(width, meeting)
    handler_class = Class.new(Tasker::StepHandler::Base) do
      define_method(:process) { |_task, _sequence, step| { "met" => step.name.start_with?("branch") ? meeting.attend : nil } }
    end
    stub_const("AttendingHandler", handler_class) # by whose name the engine finds it
    template = ShapeWorkflow.method(:template)
    allow(ShapeWorkflow).to receive(:template) { |*given| template.call(*given).merge(handler_class:) }
    ShapeWorkflow.new(Shapes.fan(width).with(name: "meeting_#{SecureRandom.hex(4)}", retry_limit: 1))
  end

  def let_run_at_once(count)
    execution = Tasker::Configuration.configuration.execution
    allow(Tasker::Configuration.configuration)
      .to receive(:execution).and_return(execution.class.new(**execution.to_h, min_concurrent_steps: count))
  end

  # Two rounds of as many branches as may run at once.
  define_method(:meetings_of) do |count|
    held = meeting.new(count)
    workflow = fan(count * 2, held)
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    steps = Tasker::WorkflowStep.where(task_id: task.task_id).map { |step| [step.status, step.results["met"]] }
    { steps: steps.tally, most: held.most }
  end

  # What that is where as many run at once as may, and no more.
  def all_met(count) = { steps: { ["complete", nil] => 2, ["complete", true] => count * 2 }, most: count }

  shared_examples "steps that run at once" do
    it "are three by default, and never more" do
      expect(meetings_of(3)).to eq(all_met(3))
    end

    it "are five where the settings say so, and never more" do
      let_run_at_once(5)
      expect(meetings_of(5)).to eq(all_met(5))
    end
  end

  context "with the engine alone" do
    around { |example| TaskerCore.without { example.run } }

    it_behaves_like "steps that run at once"
  end

  context "with the gem" do
    it_behaves_like "steps that run at once"

    it "are run without the engine's own statements" do
      TaskerCore.reset_stats
      expect(meetings_of(3)).to eq(all_met(3))
      expect(answers_given.values.sum { |counts| counts[:engine] }).to eq(0)
      expect(answers_given.values.sum { |counts| counts[:rust] }).to be_positive
    end
  end
end
