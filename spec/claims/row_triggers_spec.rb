# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Stock::RowTriggers do
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

  # A process that has run workflows before, and whose list of triggers is from then.
  def warm
    flow = ScriptedWorkflow.new("warm_#{SecureRandom.hex(4)}", {})
    flow.run(flow.create)
    flow
  end

  # Under a trigger of which nobody has told the process.
  def suddenly(place, code, &)
    allow(described_class).to receive(:refresh)
    with_trigger(place, code, &)
  ensure
    allow(described_class).to receive(:refresh).and_call_original
  end

  # @return [String] the state in which a run leaves a task
  def ended(flow, task)
    flow.run(Tasker::Task.find(task.task_id))
    Tasker::Task.find(task.task_id).status
  end

  def seen = Tasker::ApplicationRecord.connection.select_rows("SELECT what, count(*) FROM spec_seen GROUP BY 1 ORDER BY 1")

  [[], RepairSwitches::DEFAULT].each do |repairs|
    context "with #{repairs.size} repairs", repairs: do
      {
        "touches a step before its transition" => ["BEFORE INSERT ON #{moves}", touch],
        "counts updates of tasks" => ["AFTER UPDATE ON tasker_tasks", count]
      }.each do |words, (place, code)|
        it "notices a trigger that #{words} and that was created while the process ran" do
          expect { warm.then { |flow| suddenly(place, code) { [ended(flow, flow.create), seen] } } }.to answer_alike
        end
      end

      it "notices one that was created between a task's creation and its run" do
        expect do
          flow = warm
          task = flow.create
          suddenly("BEFORE INSERT ON #{moves}", touch) { ended(flow, task) }
        end.to answer_alike
      end
    end
  end

  it "notices one that was dropped, and writes by its own statements again" do
    flow = suddenly("BEFORE INSERT ON #{moves}", touch) { warm }
    task = flow.create
    expect(statements { flow.run(task) }.grep(/INSERT INTO/)).to be_empty # the engine's own; the core writes in small letters
  end

  # @return [Array<String>] the statements that ask the catalog for triggers while the block runs: by themselves, or on the way
  def asking(&)
    asked = []
    wanted = "{#{described_class::TABLES.join(",")}}"
    note = lambda do |*, payload|
      values = payload[:binds].map { |bind| (bind.respond_to?(:value_for_database) ? bind.value_for_database : bind).to_s.delete('"') }
      asked << payload[:sql] if payload[:sql].include?("pg_trigger") && values.include?(wanted) && !payload[:cached]
    end
    ActiveSupport::Notifications.subscribed(note, "sql.active_record", &)
    asked
  end

  def looks(&) = asking(&).size

  it "looks once for each creation and each run, whatever runs, by statements that are sent anyway" do
    flow = warm
    asked = asking { 2.times { flow.run(flow.create) } }
    expect(asked.map { |sql| sql[/tasker_task_namespaces|step\.belongs/] }).to eq(%w[tasker_task_namespaces step.belongs] * 2)
  end

  it "looks by a statement of its own where the engine finds the definition itself" do
    flow = warm
    allow(TaskerCore::Records::NamedTasks).to receive(:find).and_return(nil)
    expect(asking { flow.create }.map { |sql| sql[/\ASELECT t.name|localtimestamp/] }).to eq(["SELECT t.name"])
  end

  it "asks the database amid a query cache, as jobs have it" do
    ask = proc do
      described_class.refresh
      described_class.on?(described_class::OF_STEP)
    end
    expect(looks { Tasker::ApplicationRecord.cache { 2.times(&ask) } }).to eq(2)
  end

  it "looks at most once a second outside of runs" do
    now = 0
    allow(described_class).to receive(:now) { now }
    described_class.refresh
    asked = [0, 0.9, 1.0, 1.9, 2.0].map do |second|
      now = second
      looks { described_class.on?(described_class::OF_STEP) }
    end
    expect(asked).to eq([1, 0, 1, 0, 1])
  end

  it "goes on with what it knows where the catalog cannot be asked" do
    warm
    allow(described_class).to receive(:read).and_raise(ActiveRecord::StatementInvalid)
    flow = ScriptedWorkflow.new("blind_#{SecureRandom.hex(4)}", {})
    task = flow.create
    flow.run(task)
    expect(Tasker::Task.find(task.task_id).status).to eq("complete")
  end
end
