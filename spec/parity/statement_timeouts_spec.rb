# frozen_string_literal: true

require_relative "../rails_helper"

# Statements that wait for another session for longer than the application lets them.
RSpec.describe "A statement timeout" do
  # Runs the block while another session holds a lock, on a connection that waits for a moment only.
  def while_locked(lock)
    pool = Tasker::ApplicationRecord.connection_pool
    other = pool.checkout
    other.execute("BEGIN")
    other.execute(lock)
    connection = Tasker::ApplicationRecord.connection
    connection.execute("SET statement_timeout = '150ms'")
    yield
  ensure
    connection&.execute("SET statement_timeout = 0")
    other.execute("ROLLBACK")
    pool.checkin(other)
  end

  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  it "is the same error for a question" do
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
end
