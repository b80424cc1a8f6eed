# frozen_string_literal: true

require_relative "../rails_helper"

# Code of the application that begins a transaction by itself and does not end it. ActiveRecord knows nothing of it; the engine ends it with
# the COMMIT of its own next transaction on that connection.
RSpec.describe "A transaction that code of the application has left open" do
  def open_sessions
    Tasker::ApplicationRecord.uncached do
      Tasker::ApplicationRecord.connection.select_value(<<~SQL)
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()
      SQL
    end
  end

  def leave(*statements)
    connection = ActiveRecord::Base.connection
    statements.each do |sql|
      connection.execute(sql)
    rescue ActiveRecord::StatementInvalid
      nil
    end
  end

  # Whether the server has begun a transaction at an earlier statement than this one.
  def in_transaction?
    Tasker::ApplicationRecord.connection.select_value("SELECT now() <> statement_timestamp()")
  end

  # Runs a workflow of three steps, whose first one leaves a transaction behind.
  # @return [Hash]
  def run_with(*statements, fails: false)
    script = lambda do |*|
      leave(*statements)
      fails ? raise("and fails") : {}
    end
    workflow = ScriptedWorkflow.new("left_#{SecureRandom.hex(4)}", { "a" => script }, steps: { "a" => [], "b" => %w[a], "c" => %w[b] })
    task = workflow.create
    with_new_threads { workflow.run(Tasker::Task.find(task.task_id)) }
    # As another session sees it.
    seen = Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { look_at(task) } }.value
    seen.merge(open: open_sessions)
  ensure
    Tasker::ApplicationRecord.connection_pool.disconnect!
  end

  def look_at(task)
    steps = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id)
    { task: Tasker::Task.find(task.task_id).status, steps: steps.map(&:status), attempts: steps.map(&:attempts),
      error: steps.first.results["error"] }
  end

  it "is committed with the step's end" do
    ends = { task: "complete", steps: %w[complete complete complete], attempts: [1, 1, 1], open: 0 }
    expect { expect(run_with("BEGIN")).to include(ends) }.to answer_alike.by("StepExecutor#complete_step_execution")
  end

  it "is committed with the step's end after its handler has failed" do
    ends = { task: "error", steps: %w[error pending pending], attempts: [1, 0, 0], error: "and fails", open: 0 }
    expect { expect(run_with("BEGIN", fails: true)).to include(ends) }.to answer_alike.by("StepExecutor#complete_error_step_execution")
  end

  it "is committed with a transition of the application's own, and with the end of a task" do
    expect do
      task = make_task("in_progress")
      step = make_step(task, "a", "in_progress", "complete", processed: true)
      other = make_step(make_task("in_progress"), "a")
      leave("BEGIN")
      moved = [other.state_machine.transition_to!("in_progress"), in_transaction?]
      leave("BEGIN")
      Tasker::Orchestration::TaskFinalizer.new.finalize_task(task.task_id)
      [*moved, in_transaction?, step.status, Tasker::Task.find(task.task_id).status]
    end.to answer_alike
  ensure
    Tasker::ApplicationRecord.connection_pool.disconnect!
  end

  it "is committed with the next claim, if a subscriber has left it before that" do
    expect do
      Listeners.forgotten_after do
        left = false
        Tasker::Events::Publisher.instance.subscribe("step.execution_requested") do |*|
          leave("BEGIN") unless left || Tasker::ApplicationRecord.connection.transaction_open?
          left = true
        end
        run_with("SELECT 1")
      end
    end.to answer_alike
  end

  it "is not asked about by any statement" do
    counts = off_and_on { count_queries { make_step(make_task("in_progress"), "a").state_machine.transition_to!("error") } }
    expect(counts.last.value).to be < counts.first.value
  end

  describe "and that refuses the step's end" do
    shared_examples "the engine" do
      it "leaves the step in progress for ever, if it must not write" do
        expect(run_with("BEGIN READ ONLY")).to include(task: "pending", steps: %w[in_progress pending pending], open: 0)
      end

      it "leaves the step in progress for ever, if it has failed" do
        expect(run_with("BEGIN", "SELECT 1 / 0")).to include(steps: %w[in_progress pending pending])
      end
    end

    it_is_the_engine_without :stranded_steps

    context "with the fix on", repairs: %i[stranded_steps] do
      { "if it must not write" => ["BEGIN READ ONLY"], "if it has failed" => ["BEGIN", "SELECT 1 / 0"] }.each do |name, statements|
        it "is ended, and the step ends in error with the reason, #{name}" do
          ended = run_with(*statements)
          expect(ended).to include(task: "error", steps: %w[error pending pending], attempts: [1, 0, 0], open: 0)
          expect(ended[:error]).to match(/cannot be completed: ActiveRecord::StatementInvalid: PG::/)
        end

        it "is ended, and the step ends in error, #{name}, after its handler has failed" do
          ended = run_with(*statements, fails: true)
          expect(ended).to include(task: "error", steps: %w[error pending pending], attempts: [1, 0, 0], error: "and fails", open: 0)
        end
      end
    end
  end
end
