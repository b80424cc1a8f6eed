# frozen_string_literal: true

require_relative "../rails_helper"

# Each shape of the demo, as large as there: one run off and one on, with everything that they leave and tell.
RSpec.describe "The demo's workflows" do
  # What the engine's migrations have defined beside its tables.
  engine_objects = lambda do
    connection = Tasker::ApplicationRecord.connection
    functions = connection.select_values(<<~SQL)
      SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS
        (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
    SQL
    functions | connection.select_values("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
  end

  Shapes.all.each do |shape|
    it "leave the same rows, events and log lines for #{shape.name} (#{shape.size} steps), by Rust alone" do
      workflow = ShapeWorkflow.new(shape)
      named = Regexp.union(engine_objects.call)
      sent = []
      run = nil
      expect { (sent << statements { run = run_of(workflow) }) && run }.to answer_alike
      expect(run[:events].sum { |_, events| events.size }).to be > shape.size * 5
      expect(run[:log].size).to be > shape.size * 5
      expect(sent.map { |list| list.grep(named).any? }).to eq([true, false])
      expect(answers_given.select { |_, counts| counts[:engine].positive? }).to be_empty
    end
  end

  it "would be found out if they named a function or view of the engine" do
    expect(engine_objects.call).to include(
      "get_step_readiness_status", "get_task_execution_context", "calculate_dependency_levels", "tasker_step_dag_relationships"
    )
  end
end
