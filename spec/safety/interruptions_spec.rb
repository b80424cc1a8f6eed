# frozen_string_literal: true

require_relative "../rails_helper"
require "timeout"

# Threads that are killed, and calls that run out of time, amid a question, a transition or a workflow.
RSpec.describe "An interruption" do
  include Interruptions

  moments = %i[before after]

  def lock_of(step) = "SELECT FROM tasker_workflow_steps WHERE workflow_step_id = #{step.id} FOR UPDATE"

  def new_step = make_step(make_task("in_progress"), "b")

  def move(step) = Tasker::WorkflowStep.find(step.id).state_machine.transition_to!("in_progress")

  def expect_usable(step, state)
    expect(RowFaults.of(step.task_id)).to be_empty
    expect(step.reload.status).to eq(state)
    expect(step.state_machine.transition_to!(state == "pending" ? "in_progress" : "complete")).to be(true)
  end

  describe "by Thread#kill" do
    it "while a transition waits for another session ends the transition, which has not happened" do
      step = new_step
      kill_when_blocked(lock_of(step)) { move(step) }
      expect_usable(step, "pending")
    end

    it "while a transition waits inside the caller's transaction ends both" do
      step = new_step
      other_step = new_step
      kill_when_blocked(lock_of(step)) { Tasker::ApplicationRecord.transaction { move(other_step) && move(step) } }
      expect_usable(step, "pending")
      expect_usable(other_step, "pending")
    end

    it "while a question waits leaves a connection that can be used" do
      step = new_step.tap(&:status) # with everything loaded that ActiveRecord reads about the table
      kill_when_blocked("LOCK TABLE tasker_workflow_step_transitions") { step.status }
      expect_usable(step, "pending")
    end

    roads = { "unobserved" => ->(&call) { call.call }, "observed" => ->(&call) { EventRecorder.subscribed(&call) } }

    roads.each do |road, along|
      moments.each do |before_or_after|
        it "#{before_or_after} any statement of an #{road} transition leaves all of it or nothing" do
          steps = []
          along.call { steps = killed_at_each_statement(before_or_after, -> { new_step }) { |step| move(step) } }
          steps.each { |step| expect_usable(step, step.reload.status) }
        end
      end
    end
  end

  describe "by Timeout" do
    # Both ways in which it ends a block: by an exception that nobody rescues, and by an error that code on the way may rescue.
    { "an exception" => [0.2], "an error" => [0.2, Timeout::Error] }.each do |kind, arguments|
      it "as #{kind} amid a transition is the same as with the engine: it has not happened, and no thread waits any more" do
        step = make_step(make_task("in_progress"), "b", "in_progress")
        expect do
          while_locked("UPDATE tasker_workflow_step_transitions SET metadata = '{}' WHERE workflow_step_id = #{step.id}") do
            outcome = Outcome.of { Timeout.timeout(*arguments) { step.state_machine.transition_to!("complete") } }
            [outcome.error[:class], Timeout.timeout(Interruptions::PATIENCE) { step.status }]
          end
        end.to answer_alike
        expect_usable(step, "in_progress")
      end

      it "as #{kind} amid a question leaves the connection to the next one" do
        step = new_step.tap(&:status)
        while_locked("LOCK TABLE tasker_workflow_step_transitions") do
          expect { Timeout.timeout(*arguments) { step.status } }.to raise_error(Timeout::Error)
          expect(Timeout.timeout(Interruptions::PATIENCE) { Tasker::Task.find(step.task_id).task_id }).to eq(step.task_id)
        end
        expect_usable(step, "pending")
      end

      it "as #{kind} amid the caller's transaction ends that" do
        step = new_step
        other_step = new_step
        while_locked(lock_of(step)) do
          expect { Timeout.timeout(*arguments) { Tasker::ApplicationRecord.transaction { move(other_step) && move(step) } } }
            .to raise_error(Timeout::Error)
        end
        expect_usable(step, "pending")
        expect_usable(other_step, "pending")
      end
    end
  end

  describe "of a workflow" do
    let(:workflow) { ShapeWorkflow.new(Shapes.diamond) }

    def expect_runnable(tasks)
      expect(RowFaults.of(*tasks.map(&:id))).to be_empty
      tasks.each { |task| RunningOn.run_on(workflow, task) }
      expect(tasks.map { |task| Tasker::Task.find(task.id).status }.tally).to eq("complete" => tasks.size)
      expect(RowFaults.of(*tasks.map(&:id))).to be_empty
    end

    moments.each do |before_or_after|
      it "by Thread#kill #{before_or_after} any statement leaves rows with which it can be run on" do
        tasks = killed_at_each_statement(before_or_after, -> { workflow.create }) { |task| workflow.run(task) }
        expect(tasks.size).to be > 7
        expect_runnable(tasks)
      end

      it "by Thread#kill #{before_or_after} any statement of a step's attempt leaves rows with which it can be run on" do
        tasks = killed_at_each_statement(before_or_after, -> { workflow.create }) do |task|
          sequence = workflow.handler.get_sequence(task)
          step = sequence.steps.find { |candidate| candidate.name == "start" }
          Tasker::Orchestration::StepExecutor.new.execute_single_step(task, sequence, step, workflow.handler)
        end
        expect(tasks.size).to be > 4
        expect_runnable(tasks)
      end
    end

    it "by Timeout lets the step that is under way come to its end" do
      let_go = Queue.new
      scripted = ScriptedWorkflow.new("timed_out", { "b" => ->(*) { let_go.pop && {} } })
      task = scripted.create
      expect { Timeout.timeout(3) { scripted.run(task) } }.to raise_error(Timeout::Error)
      step = task.workflow_steps.includes(:named_step).find { |candidate| candidate.name == "b" }
      let_go.push(true)
      until_true { %w[complete pending].include?(step.status) }
      let_go.push(true).close
      expect(RowFaults.of(task.id)).to be_empty
      RunningOn.run_on(scripted, task)
      expect(Tasker::Task.find(task.id).status).to eq("complete")
    end
  end

  # In a process of its own, so that the run begins the threads on which its steps are executed.
  it "reaches a handler, and what the application executes on the same threads afterwards" do
    answer = run_in_dummy(<<~RUBY).answer
      require "timeout"
      require "./spec/dummy/lib/shape_workflow"
      interrupted = lambda do
        Timeout.timeout(0.05) { sleep(30) }
        false
      rescue Timeout::Error
        true
      end
      $seen = Queue.new
      ShapeWorkflow::Succeed.prepend(Module.new { define_method(:process) { |*arguments| $seen << interrupted.call && super(*arguments) } })
      workflow = ShapeWorkflow.new(Shapes.diamond)
      on, off = [nil, TaskerCore.method(:without)].map do |within|
        run = -> { workflow.run(workflow.create) }
        within ? within.call(&run) : run.call
        afterwards = Array.new(2) { Concurrent::Future.execute(&interrupted) }.map(&:value)
        Array.new($seen.size) { $seen.pop } + afterwards
      end
      puts JSON.generate([on, off])
    RUBY
    expect(answer).to eq([[true] * 6] * 2)
  end
end
