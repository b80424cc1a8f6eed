# frozen_string_literal: true

require_relative "../rails_helper"

# The database is not quite as the engine's migrations have made it, or what lies before it looks at statements.
RSpec.describe "The statements of workflows" do
  def execute(sql) = Tasker::ApplicationRecord.connection.execute(sql)

  def flow = ScriptedWorkflow.new("texts_#{SecureRandom.hex(4)}", {}, steps: { "a" => [], "b" => %w[a] })

  def created_and_run
    workflow = flow
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    [Tasker::Task.find(task.task_id).status, task.workflow_steps.map(&:status).uniq]
  end

  describe "with a sequence that is behind" do
    # The next id is one that is there already.
    def behind(table, key)
      sequence = Tasker::ApplicationRecord.connection.select_value("SELECT pg_get_serial_sequence('#{table}', '#{key}')")
      top = Tasker::ApplicationRecord.connection.select_value("SELECT max(#{key}) FROM #{table}")
      execute("SELECT setval('#{sequence}', #{top}, false)")
      yield
    ensure
      execute("SELECT setval('#{sequence}', (SELECT max(#{key}) FROM #{table}))")
    end

    def refused
      yield
      "nothing"
    rescue StandardError => e
      [e.class, e.message[/"tasker_\w+_pkey"/]]
    end

    {
      "the first transition of a step" => ["tasker_workflow_step_transitions", -> { make_step(make_task("in_progress"), "a") }],
      "a later transition of a step" => ["tasker_workflow_step_transitions", lambda {
        make_step(make_task("in_progress"), "a").tap { |step| make_history(step, "pending") }
      }],
      "the first transition of a task" => ["tasker_task_transitions", -> { make_task }]
    }.each do |words, (table, owner)|
      it "raises the engine's error at #{words}" do
        found = lambda do
          make_task("in_progress").then { |task| make_history(make_step(task, "other"), "in_progress") }
          record = instance_exec(&owner)
          behind(table, "id") { refused { record.state_machine.transition_to!("in_progress") } }
        end
        expect { found.call }.to answer_alike
        expect(found.call).to eq([ActiveRecord::RecordNotUnique, "\"#{table}_pkey\""])
      end
    end
  end

  describe "with ids of another source" do
    def with_identity(table, key)
      sequence = Tasker::ApplicationRecord.connection.select_value("SELECT pg_get_serial_sequence('#{table}', '#{key}')")
      top = Tasker::ApplicationRecord.connection.select_value("SELECT coalesce(max(#{key}), 0) FROM #{table}")
      execute("ALTER TABLE #{table} ALTER COLUMN #{key} DROP DEFAULT")
      execute("ALTER TABLE #{table} ALTER COLUMN #{key} ADD GENERATED ALWAYS AS IDENTITY (START WITH #{top + 100})")
      yield
    ensure
      execute("ALTER TABLE #{table} ALTER COLUMN #{key} DROP IDENTITY IF EXISTS")
      execute("ALTER TABLE #{table} ALTER COLUMN #{key} SET DEFAULT nextval('#{sequence}')")
      execute("SELECT setval('#{sequence}', (SELECT max(#{key}) FROM #{table}))")
    end

    { "tasker_workflow_steps" => "workflow_step_id", "tasker_workflow_step_edges" => "id", "tasker_workflow_step_transitions" => "id" }
      .each do |table, key|
        it "creates and runs tasks where #{table} has an identity column" do
          with_identity(table, key) { expect { created_and_run }.to answer_alike }
        end
      end

    it "takes the ids that a function of the application makes" do
      execute("CREATE SEQUENCE spec_ids")
      execute("CREATE FUNCTION spec_id() RETURNS bigint LANGUAGE sql AS $$ SELECT 1000000000000 - nextval('spec_ids') $$")
      execute("ALTER TABLE tasker_workflow_steps ALTER COLUMN workflow_step_id SET DEFAULT spec_id()")
      expect { created_and_run }.to answer_alike
      task = flow.create
      expect(Tasker::WorkflowStep.where(task_id: task.task_id).map(&:workflow_step_id)).to all(be > 900_000_000_000)
      expect(task.workflow_steps.find { |step| step.name == "b" }.parents.map(&:name)).to eq(["a"])
    ensure
      execute("ALTER TABLE tasker_workflow_steps ALTER COLUMN workflow_step_id " \
              "SET DEFAULT nextval('tasker_workflow_steps_workflow_step_id_seq')")
      execute("DROP FUNCTION IF EXISTS spec_id()")
      execute("DROP SEQUENCE IF EXISTS spec_ids")
      EngineTables.clear
      WorkflowRows.prepare
    end
  end

  # What routers by text take for a read.
  {
    "the main verb" => lambda { |sql|
      text = sql.gsub(/'(?:[^']|'')*'|"[^"]*"/, " ")
      nil while text.gsub!(/\([^()]*\)/, " ")
      text[/\b(select|insert|update|delete)\b/i].to_s.casecmp?("select")
    },
    "the first SELECT after a parenthesis" => ->(sql) { sql.match?(/\A\s*(?:with\b.*\)\s*)?select\b/im) }
  }.each do |words, read|
    it "are writes for proxies that route by #{words}" do
      sent = []
      note = ->(*, payload) { sent << payload[:sql] if payload[:sql].match?(/\b(insert into|update \w+)\b/i) }
      ActiveSupport::Notifications.subscribed(note, "sql.active_record") { created_and_run }
      expect(sent.size).to be > 6
      expect(sent.select(&read)).to eq([])
    end
  end
end
