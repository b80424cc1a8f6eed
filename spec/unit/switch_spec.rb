# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore do
  let(:task) { make_three_step_task }

  describe ".configure" do
    after { described_class.configure { |config| config.enabled = true } }

    it "switches off and on" do
      described_class.configure { |config| config.enabled = false }
      expect(described_class.active?).to be(false)
      described_class.reset_stats
      expect(task.status).to eq("in_progress")
      expect(described_class.stats["TaskStateMachine#current_state"]).to eq(rust: 0, engine: 1)
      expect(described_class.configure { |config| config.enabled = true }).to be(described_class.configuration)
      expect(described_class.active?).to be(true)
    end
  end

  describe ".without" do
    it "is off in the block, and returns what it returns" do
      expect(described_class.without { [described_class.active?, task.status] }).to eq([false, "in_progress"])
      expect(described_class.active?).to be(true)
    end

    it "can be nested" do
      inside = described_class.without do
        described_class.without { nil }
        described_class.active?
      end
      expect(inside).to be(false)
      expect(described_class.active?).to be(true)
    end

    it "is over after an exception, a throw or a return" do
      expect { described_class.without { raise "no" } }.to raise_error("no")
      catch(:out) { described_class.without { throw :out } }
      [1].each { described_class.without { break } }
      expect(described_class.active?).to be(true)
    end

    it "does not reach other threads" do
      turns = [Queue.new, Queue.new]
      other = Thread.new do
        turns[0].pop
        turns[1] << described_class.active?
      end
      expect(described_class.without { turns[0].push(:go) && turns[1].pop }).to be(true)
      other.join
    end

    it "reaches fibers that the block begins, and no thread of the application's" do
      inside = described_class.without do
        [Thread.new { described_class.active? }.value, Fiber.new { described_class.active? }.resume,
         Enumerator.new { |list| list << described_class.active? }.next]
      end
      expect(inside).to eq([true, false, false])
    end

    it "does not leave a fiber that the block is suspended in" do
      fiber = Fiber.new do
        described_class.without { Fiber.yield(described_class.active?) }
        described_class.active?
      end
      expect([fiber.resume, described_class.active?, fiber.resume]).to eq([false, true, true])
    end

    it "reaches the threads on which the engine runs steps" do
      workflow = ShapeWorkflow.new(Shapes.diamond)
      described_class.reset_stats
      described_class.without { run_of(workflow) }
      expect(answers_given.values.sum { |counts| counts[:rust] }).to eq(0)
    end

    it "does not stay on the engine's threads, even on those that were begun for it" do
      workflow = ShapeWorkflow.new(Shapes.diamond)
      with_new_threads do
        described_class.without { run_of(workflow) }
        described_class.reset_stats
        run_of(workflow)
        expect(answers_given.values.sum { |counts| counts[:engine] }).to eq(0)
        expect(Array.new(8) { Concurrent::Future.execute { described_class.active? } }.map(&:value)).to all(be(true))
      end
    end

    # What runs on the pool later has nothing to do with the workflow for which a thread was begun.
    it "lets nothing of a workflow stay on the threads that were begun for it" do
      workflow = ShapeWorkflow.new(Shapes.diamond)
      with_new_threads do
        task = workflow.create
        workflow.run(task)
        step = task.workflow_steps.first
        step.workflow_step_transitions.where(most_recent: true).update_all(to_state: "cancelled")
        states = Array.new(8) { Concurrent::Future.execute { Tasker::WorkflowStep.find(step.id).status } }.map(&:value)
        expect(states).to all(eq("cancelled"))
      end
    end
  end
end
