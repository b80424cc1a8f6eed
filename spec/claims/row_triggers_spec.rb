# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::RowTriggers do
  def execute(sql) = Tasker::ApplicationRecord.connection.execute(sql)

  # Runs the block under a trigger.
  def with_trigger(place, code)
    execute("CREATE TABLE spec_seen (id bigserial PRIMARY KEY, what text)")
    execute("CREATE FUNCTION spec_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN #{code} RETURN NEW; END $$")
    execute("CREATE TRIGGER spec_trigger #{place} FOR EACH ROW EXECUTE FUNCTION spec_trigger()")
    described_class.refresh
    yield
  ensure
    execute("DROP FUNCTION IF EXISTS spec_trigger CASCADE")
    execute("DROP TABLE IF EXISTS spec_seen")
    described_class.refresh
  end

  # What becomes of a workflow of two steps, and what the trigger has seen.
  def under(place, code, script: {})
    with_trigger(place, code) do
      flow = ScriptedWorkflow.new("triggers_#{SecureRandom.hex(4)}", script, steps: { "a" => [], "b" => %w[a] })
      task = flow.create
      flow.run(Tasker::Task.find(task.task_id))
      steps = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id)
      [Tasker::Task.find(task.task_id).status, steps.map { |step| [step.status, step.attempts] },
       Tasker::ApplicationRecord.connection.select_values("SELECT what FROM spec_seen ORDER BY id")]
    end
  end

  after(:context) { described_class.refresh }

  moves = "tasker_workflow_step_transitions"
  complete = ["complete", [["complete", 1]] * 2]
  touch = "UPDATE tasker_workflow_steps SET updated_at = clock_timestamp() WHERE workflow_step_id = NEW.workflow_step_id;"
  look = "INSERT INTO spec_seen(what) SELECT NEW.to_state || ' ' || (s.results <> '{}') || ' ' || s.processed " \
         "FROM tasker_workflow_steps s WHERE s.workflow_step_id = NEW.workflow_step_id;"
  count = "INSERT INTO spec_seen(what) VALUES (TG_OP || CASE WHEN OLD::text IS NOT DISTINCT FROM NEW::text THEN ' of nothing' ELSE '' END);"

  {
    "touches its step before an INSERT of a transition" => ["BEFORE INSERT ON #{moves}", touch],
    "touches its step after an INSERT of a transition" => ["AFTER INSERT ON #{moves}", touch],
    "looks at its step before an INSERT of a transition" => ["BEFORE INSERT ON #{moves}", look],
    "looks at its step after an INSERT of a transition" => ["AFTER INSERT ON #{moves}", look],
    "counts updates of tasks" => ["AFTER UPDATE ON tasker_tasks", count],
    "counts updates of steps" => ["AFTER UPDATE ON tasker_workflow_steps", count],
    # Two neighbours: a trigger before an UPDATE, and one on the transitions of tasks.
    "looks at its step before an UPDATE of a transition" => ["BEFORE UPDATE ON #{moves}", look],
    "counts updates of the transitions of tasks" => ["AFTER UPDATE ON tasker_task_transitions", count]
  }.each do |words, (place, code)|
    [[], RepairSwitches::DEFAULT].each do |repairs|
      it "shows a trigger what the engine shows it that #{words}, with #{repairs.size} repairs", repairs: do
        expect { under(place, code) }.to answer_alike
        expect(under(place, code).first(2)).to eq(complete)
      end
    end
  end

  it "shows a trigger a step that fails as the engine does" do
    expect { under("BEFORE INSERT ON #{moves}", look, script: { "b" => ->(*) { raise "no" } }) }.to answer_alike
  end

  it "asks for triggers once, whatever runs" do
    described_class.refresh
    asked = 0
    note = ->(*, payload) { asked += 1 if payload[:sql].include?("pg_trigger") }
    ActiveSupport::Notifications.subscribed(note, "sql.active_record") do
      2.times { ScriptedWorkflow.new("asked_#{SecureRandom.hex(4)}", {}).then { |flow| flow.run(flow.create) } }
    end
    expect(asked).to eq(1)
  end
end
