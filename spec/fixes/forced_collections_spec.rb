# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::ForcedCollections do
  include WorkflowRuns

  line = "Intelligent GC triggered"
  executor = Tasker::Orchestration::StepExecutor

  shared_examples "the engine" do
    it "collects garbage after a slice of six steps, and logs it" do
      lines = LogRecorder.lines { run_at_once(6) }
      expect(GC).to have_received(:start).once
      expect(lines.grep(/#{line}/).size).to eq(1)
    end

    it "collects none after five" do
      lines = LogRecorder.lines { run_at_once(5) }
      expect(GC).not_to have_received(:start)
      expect(lines.grep(/#{line}/)).to be_empty
    end

    it "collects garbage after a slice that took thirty seconds" do
      expect(executor.new.send(:should_trigger_gc?, 1, long_ago)).to be(true)
    end
  end

  # Runs so many steps at once, and one after them.
  def run_at_once(width)
    limit_to(width)
    allow(GC).to receive(:start)
    workflow = ShapeWorkflow.new(Shapes.fan_in(width).with(name: "collections_#{width}"))
    task = workflow.create
    workflow.run(task)
    expect(Tasker::Task.find(task.task_id).status).to eq("complete")
  end

  # Has the engine run that many steps at once whatever the pool allows.
  def limit_to(width)
    execution = Tasker::Types::ExecutionConfig.new(min_concurrent_steps: width, max_concurrent_steps_limit: width)
    allow(Tasker::Configuration.configuration).to receive(:execution).and_return(execution)
  end

  def long_ago
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - 31
  end

  it_is_the_engine_without :forced_collections

  context "with the fix on", repairs: %i[forced_collections] do
    [5, 6, 12].each do |width|
      it "collects no garbage after a slice of #{width} steps, and logs nothing of it" do
        lines = LogRecorder.lines(level: :debug) { run_at_once(width) }
        expect(GC).not_to have_received(:start)
        expect(lines.grep(/#{line}|"gc_triggered":true/)).to be_empty
      end
    end

    it "collects none after a slice that took thirty seconds" do
      expect(executor.new.send(:should_trigger_gc?, 1, long_ago)).to be(false)
    end

    it "runs a workflow as the engine does, but for the line" do
      workflow = ShapeWorkflow.new(Shapes.fan_in(6).with(name: "collections_compared"))
      limit_to(6)
      expect { run_of(workflow) }.to answer_alike
    end

    it "leaves the rule to an application that has one of its own" do
      execution = Class.new(Tasker::Types::ExecutionConfig) { define_method(:gc_trigger_batch_size_threshold) { 2 } }.new
      allow(Tasker::Configuration.configuration).to receive(:execution).and_return(execution)
      now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      expect([1, 2].map { |size| executor.new.send(:should_trigger_gc?, size, now) }).to eq([false, true])
    end
  end
end
