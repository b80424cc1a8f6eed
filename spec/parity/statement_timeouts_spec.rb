# frozen_string_literal: true

require_relative "../rails_helper"

# Statements that wait for another session for longer than the application lets them.
RSpec.describe "A statement timeout" do
  # Runs the block while another session holds a lock, on a connection that waits for a moment only.
  def while_locked(lock, setting: "statement_timeout")
    pool = Tasker::ApplicationRecord.connection_pool
    other = pool.checkout
    other.execute("BEGIN")
    other.execute(lock)
    connection = Tasker::ApplicationRecord.connection
    connection.execute("SET #{setting} = '1s'")
    yield
  ensure
    connection&.execute("SET #{setting} = 0")
    other.execute("ROLLBACK")
    pool.checkin(other)
  end

  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  it "is the same error for a question" do
    steps
    while_locked("LOCK TABLE tasker_workflow_step_transitions") do
      expect { Tasker::StepReadinessStatus.for_task(task.task_id) }
        .to answer_alike.raising(ActiveRecord::QueryCanceled).whatever_the_message
      expect { steps.first.status }.to answer_alike.raising(ActiveRecord::QueryCanceled).whatever_the_message
    end
  end

  it "is the same error for a transition, which then has not happened" do
    step = make_step(task, "d", "in_progress")
    while_locked("UPDATE tasker_workflow_step_transitions SET metadata = '{}' WHERE workflow_step_id = #{step.id} AND most_recent") do
      expect { Tasker::WorkflowStep.find(step.id).state_machine.transition_to!("complete") }
        .to answer_alike.raising(ActiveRecord::QueryCanceled).whatever_the_message
    end
    expect(step.status).to eq("in_progress")
    expect(step.workflow_step_transitions.count).to eq(1)
  end

  it "leaves the caller's transaction as the engine leaves it" do
    lock = "LOCK TABLE tasker_workflow_step_transitions"
    step = steps.second
    usable = lambda do
      Tasker::ApplicationRecord.transaction do
        Outcome.of { step.status }
        Outcome.of { Tasker::ApplicationRecord.connection.select_value("SELECT 1") }.error&.fetch(:class).tap { raise ActiveRecord::Rollback }
      end
    end
    while_locked(lock) { expect { usable.call }.to answer_alike }
  end

  # A row lock of another session stands in the way of the core's statement where it does in the way of the engine's.
  { "statement_timeout" => ActiveRecord::QueryCanceled, "lock_timeout" => ActiveRecord::LockWaitTimeout }.each do |setting, error|
    describe "(#{setting})" do
      it "is the same error for a step and for a task, of which nothing is written, and the next question is answered" do
        step = make_step(task, "d", "in_progress")
        owners = { tasker_workflow_step_transitions: step, tasker_task_transitions: make_task("in_progress") }
        owners.each do |table, owner|
          lock = "UPDATE #{table} SET metadata = '{}' WHERE #{owner.class.primary_key} = #{owner.id}"
          while_locked(lock, setting:) do
            before = NormalizedRows.new(owner.try(:task) || owner, times: true).rows
            expect { owner.class.find(owner.id).state_machine.transition_to!("error") }
              .to answer_alike.raising(error).whatever_the_message
            expect(owner.class.find(owner.id).status).to eq("in_progress")
            expect(NormalizedRows.new(owner.try(:task) || owner, times: true).rows).to eq(before)
          end
          expect(owner.class.find(owner.id).state_machine.transition_to!("error")).to be(true)
        end
      end

      it "ends a step as with the engine where the end of its attempt cannot be written" do
        executor = Tasker::Orchestration::StepExecutor.new
        step = make_step(task, "d", "in_progress")
        while_locked("UPDATE tasker_workflow_step_transitions SET metadata = '{}' WHERE workflow_step_id = #{step.id}", setting:) do
          expect do
            held = Tasker::WorkflowStep.find(step.id)
            held.results = { "done" => true }
            ended = executor.send(:complete_step_execution, task, held)
            [ended, Tasker::WorkflowStep.find(step.id).attributes, step.status]
          end.to answer_alike
        end
        held = Tasker::WorkflowStep.find(step.id)
        expect(executor.send(:complete_step_execution, task, held)).to be(held)
        expect(step.reload.attributes).to include("processed" => true, "attempts" => 1)
      end

      it "completes no task whose end cannot be written" do
        done = make_task("in_progress").tap { |made| make_step(made, "a", "complete") }
        finalizer = Tasker::Orchestration::TaskFinalizer.new
        while_locked("UPDATE tasker_task_transitions SET metadata = '{}' WHERE task_id = #{done.id}", setting:) do
          expect do
            held = Tasker::Task.find(done.id)
            [Outcome.of { finalizer.complete_task(held, nil) }.error&.fetch(:class), Tasker::Task.find(done.id).attributes, done.status]
          end.to answer_alike
        end
        finalizer.complete_task(Tasker::Task.find(done.id), nil)
        expect(Tasker::Task.find(done.id)).to have_attributes(complete: true, status: "complete")
      end

      it "creates no steps where the task is locked, and then all of them" do
        workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "timed"))
        named_task_id = workflow.create.named_task_id
        fresh = make_task(named_task_id:)
        sequence = -> { workflow.handler.get_sequence(Tasker::Task.find(fresh.id)).steps.map(&:name) }
        while_locked("LOCK TABLE tasker_workflow_steps", setting:) do
          expect { sequence.call }.to answer_alike.raising(error).whatever_the_message
        end
        expect(fresh.workflow_steps.count).to eq(0)
        expect(sequence.call).to eq(%w[start left right end])
      end
    end
  end
end
