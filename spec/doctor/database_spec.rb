# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/doctor"

# PostgreSQL takes back in the end what these examples do to the schema.
RSpec.describe "The doctor's look at the database", :transactional do
  let(:connection) { Tasker::ApplicationRecord.lease_connection }

  def execute(*statements) = statements.each { |statement| connection.execute(statement) }

  describe TaskerCore::Doctor::Tables do
    subject(:findings) { described_class.new.findings }

    it "is content with the engine's" do
      expect(findings).to contain_exactly(have_attributes(status: :ok, text: /\A10 tables/))
    end

    it "knows nothing that the engine does not have" do
      described_class::COLUMNS.each { |table, columns| expect(connection.columns(table).map(&:name)).to include(*columns.keys) }
    end

    it "knows every table that a statement of the core names" do
      statements = Dir[File.join(ChildProcess::ROOT, "src/sql/*.rs")].map { |file| File.read(file) }.join
      names = statements.scan(/\btasker_[a-z_]+/).uniq - [TaskerCore::Claims::MARK] # a key of metadata
      expect(described_class::COLUMNS.keys + described_class::RELATIONS).to include(*names)
    end

    it "fails for a missing column, a column of another type, and a missing relation" do
      execute("ALTER TABLE tasker_workflow_steps RENAME COLUMN backoff_request_seconds TO backoff",
              "ALTER TABLE tasker_task_transitions ALTER COLUMN created_at TYPE timestamptz",
              "DROP VIEW tasker_step_dag_relationships CASCADE")
      expect(findings).to contain_exactly(
        have_attributes(status: :fail, text: "column tasker_workflow_steps.backoff_request_seconds is missing", cure: /db:migrate/),
        have_attributes(status: :fail, text: "column tasker_task_transitions.created_at: expected timestamp without time zone, " \
                                             "got timestamp with time zone"),
        have_attributes(status: :fail, text: "tasker_step_dag_relationships is missing")
      )
    end

    it "fails for a missing table" do
      execute("ALTER TABLE tasker_workflow_step_edges RENAME TO edges")
      expect(findings.map(&:text)).to eq(["table tasker_workflow_step_edges is missing"])
    end
  end

  describe TaskerCore::Doctor::Functions do
    subject(:findings) { described_class.new.findings }

    def change(name)
      definition = connection.select_value("SELECT pg_get_functiondef('#{name}'::regproc)")
      execute(yield(definition))
    end

    it "is content with the engine's" do
      expect(findings).to contain_exactly(have_attributes(status: :ok, text: "9, all the engine's own"))
    end

    it "fails for one that is missing" do
      execute("DROP FUNCTION calculate_dependency_levels(bigint)")
      expect(findings).to contain_exactly(have_attributes(status: :fail, text: "function calculate_dependency_levels is missing"))
    end

    it "does not mind how one is laid out" do
      change("get_task_execution_context") { |definition| definition.gsub("\n", "\n   ") }
      expect(findings.map(&:status)).to eq([:ok])
    end

    it "warns of a changed one" do
      change("get_task_execution_context") { |definition| definition.sub("'has_ready_steps'", "'has_ready_stairs'") }
      expect(findings).to contain_exactly(
        have_attributes(status: :warn, text: /\Afunction get_task_execution_context is not the engine's own/)
      )
    end

    it "warns of those that an older migration has left" do
      execute(Tasker::Engine.root.join("db/functions/get_step_readiness_status_v01.sql").read)
      expect(findings).to contain_exactly(
        have_attributes(status: :warn, text: /\Afunction get_step_readiness_status is not/, cure: /db:migrate/)
      )
    end
  end

  describe TaskerCore::Doctor::Indexes do
    subject(:findings) { described_class.new.findings }

    def copied = findings.find { |finding| finding.text.include?("do what others do") }
    def sick = findings.reject { |finding| finding == copied || finding.status == :ok }

    # What is dropped is not looked for again: a copy that is left would do.
    def drop_indexes(table, columns)
      indexes = connection.indexes(table).select { |index| Array(index.columns).first(columns.size) == columns }
      execute(*indexes.map { |index| "DROP INDEX #{index.name}" })
    end

    it "is content with the engine's, but for its copies" do
      expect(findings.map(&:status)).to eq(%i[ok warn])
    end

    it "names the copies, without which there are none and nothing is missing" do
      copies = TaskerCore::DuplicateIndexes.new(connection).to_a
      expect(copied).to have_attributes(text: /\A#{copies.size} do/, cure: /\ARun `rails generate tasker_core:indexes`/)
      execute(*copies.map { |copy| "DROP INDEX #{copy.name}" })
      expect(described_class.new.findings.map(&:status)).to eq([:ok])
    end

    TaskerCore::Doctor::Indexes::UNIQUE.each do |table, columns, _conditions|
      it "fails without the unique index on #{table} (#{columns.join(", ")}), and with its cure no more" do
        drop_indexes(table, columns)
        expect(sick).to contain_exactly(have_attributes(status: :fail, text: /\Ano unique index on #{table} \(#{columns.join(", ")}\)/))
        execute(sick.first.cure.sub(" CONCURRENTLY", ""))
        expect(described_class.new.findings.map(&:status)).to eq(%i[ok warn])
      end
    end

    TaskerCore::Doctor::Indexes::LOOKUPS.each do |table, column|
      it "warns without an index on #{table} (#{column})" do
        drop_indexes(table, [column])
        expect(sick).to contain_exactly(have_attributes(status: :warn, text: /\Ano index on #{table} \(#{column}\)/))
      end
    end

    it "does not count an index that was not built to its end" do
      execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'index_tasks_on_identity_hash'::regclass")
      expect(sick).to contain_exactly(have_attributes(status: :fail, text: /tasker_tasks \(identity_hash\)/))
    end
  end

  describe TaskerCore::Doctor::Jit do
    def look(*settings) = described_class.new(settings:).findings

    it "is content where statements are not compiled" do
      execute("SET LOCAL jit = off")
      expect(described_class.new.findings).to contain_exactly(
        have_attributes(status: :ok, text: "PostgreSQL compiles no statements")
      )
      expect(look(true, -1.0).map(&:status)).to eq([:ok])
    end

    it "is content where reading a task costs less than what is compiled" do
      expect(look(true, 100_000.0).map(&:status)).to eq([:ok])
    end

    it "warns where the statement would be compiled each time" do
      expect(look(true, 10.0)).to contain_exactly(
        have_attributes(status: :warn, text: /its estimated cost, \d+, passes jit_above_cost, 10\)/, cure: /jit: "off"/)
      )
    end
  end
end
