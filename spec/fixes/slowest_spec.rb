# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Engine::FunctionBasedSlowestSteps, :transactional do
  steps = Tasker::Functions::FunctionBasedSlowestSteps
  tasks = Tasker::Functions::FunctionBasedSlowestTasks

  # What others have left behind would be slow, too.
  before(:context) do
    EngineTables.clear
    WorkflowRows.prepare
  end

  let(:now) { Time.current.floor(6) }
  let(:definition) { Tasker::NamedTask.find(WorkflowRows.named_task_id) }

  # A task made `ago` seconds ago, whose steps end in a state, so many seconds after its making.
  def past_task(ago, ends, **columns)
    task = make_task("in_progress", created_at: now - ago, **columns)
    made = ends.each_with_index.map do |(state, after), index|
      step = make_step(task, "s#{index}", created_at: now - ago, attempts: index.zero? ? nil : index)
      make_history(step, "in_progress", state, created_at: now - ago + after)
      step
    end
    [task, *made]
  end

  # What the engine's function makes of it, with types that PostgreSQL accepts.
  def engines(name, *arguments)
    definition = Tasker::ApplicationRecord.connection.select_value("SELECT pg_get_functiondef('#{name}'::regproc)")
    Tasker::ApplicationRecord.connection.execute(<<~SQL)
      DROP FUNCTION #{name};
      #{definition.gsub(/(created_at|completed_at) timestamp with time zone/, "\\1 timestamp")};
    SQL
    places = arguments.each_index.map { |index| "$#{index + 1}" }.join(", ")
    Tasker::ApplicationRecord.connection.select_all("SELECT * FROM #{name}(#{places})", "slowest", arguments).to_a
  end

  shared_examples "the engine" do
    it "fails, and leaves the transaction unusable" do
      [steps, tasks].each do |function|
        expect { Tasker::ApplicationRecord.transaction(requires_new: true) { function.call } }
          .to raise_error(ActiveRecord::StatementInvalid, /structure of query does not match function result type/)
      end
    end
  end

  it_is_the_engine_without :slowest

  context "with the fix off" do
    it "is the engine's in every regard" do
      [steps, tasks].each do |function|
        expect { Tasker::ApplicationRecord.transaction(requires_new: true) { function.call(limit_count: 3) } }
          .to answer_alike.raising(ActiveRecord::StatementInvalid).by_the_engine("#{function.name.demodulize}.call")
      end
    end
  end

  context "with the fix on", repairs: %i[slowest] do
    it "returns the slowest steps, the slowest first" do
      task, _, slow, failed = past_task(600, [["complete", 5], ["complete", 60.125], ["error", 90]])
      expect(steps.call.map(&:workflow_step_id)).to eq([slow.id, slow.id - 1])
      expect(steps.call.first.to_h).to eq(
        workflow_step_id: slow.id, task_id: task.id, step_name: "s1", task_name: "made", namespace_name: "specs", version: "1.0.0",
        duration_seconds: 60.125, attempts: 1, created_at: now - 600, completed_at: (now - 600 + 60.125), retryable: true,
        step_status: "complete"
      )
      expect(steps.call.map(&:attempts)).to eq([1, 0])
      expect(steps.call.map(&:workflow_step_id)).not_to include(failed.id)
    end

    it "returns the slowest tasks, with each of their steps once" do
      past_task(500, [["complete", 10]])
      slow, = past_task(900, [["complete", 7], ["error", 70.5], ["pending", 80]], initiator: "somebody", source_system: nil)
      past_task(400, [["in_progress", 300]])
      expect(tasks.call.map(&:duration_seconds)).to eq([70.5, 10.0])
      expect(tasks.call.first.to_h).to eq(
        task_id: slow.id, task_name: "made", namespace_name: "specs", version: "1.0.0", duration_seconds: 70.5, step_count: 3,
        completed_steps: 1, error_steps: 1, created_at: now - 900, completed_at: now - 900 + 70.5, initiator: "somebody", source_system: nil
      )
    end

    it "gives values of the classes that the engine's wrapper gives" do
      past_task(600, [["complete", 5]])
      expect(steps.call.first).to be_a(steps::SlowestStep)
      expect([steps.call.first.created_at, tasks.call.first.completed_at]).to all(be_a(DateTime))
    end

    it "heeds the period, the limit and the filters" do
      past_task(2 * 86_400, [["complete", 5]])
      past_task(600, [["complete", 5], ["complete", 6], ["complete", 7]])
      filters = %i[namespace_filter task_name_filter version_filter]
      [steps, tasks].each do |function|
        count = ->(**choice) { function.call(**choice).size }
        all = count.call
        expect(count.call(since_timestamp: 3.days.ago)).to eq(all + 1)
        expect(count.call(since_timestamp: 1.minute.ago)).to eq(0)
        expect(count.call(limit_count: 1)).to eq(1)
        expect(count.call(limit_count: 0)).to eq(0)
        expect(count.call(limit_count: nil)).to eq(all)
        expect(count.call(namespace_filter: "specs", task_name_filter: "made", version_filter: "1.0.0")).to eq(all)
        filters.each { |filter| expect(count.call(filter => "other")).to eq(0) }
      end
    end

    it "says what the engine's functions say once their types are right, apart from the tasks' counts" do
      random = Random.new(RSpec.configuration.seed)
      RandomWorkflows.new(random).create(tasks: 20, steps: 3..6).each do |task|
        task.update_columns(created_at: Time.current - random.rand(1_000.0))
        task.workflow_steps.each { |step| step.update_columns(created_at: Time.current - random.rand(200.0)) }
      end
      ours = [steps.call(limit_count: 100), tasks.call(limit_count: 100)].map { |found| found.map(&:to_h) }
      theirs = %w[get_slowest_steps_v01 get_slowest_tasks_v01].map { |name| engines(name, nil, 100, nil, nil, nil) }
      expect(ours.map(&:size)).to all(be > 2)
      ours.zip(theirs) do |mine, engine|
        counts = %i[step_count completed_steps error_steps created_at completed_at attempts]
        told = engine.map { |row| row.symbolize_keys.except(*counts).merge(duration_seconds: row["duration_seconds"].to_f) }
        expect(mine.map { |row| row.except(*counts) }).to match_array(told)
        expect(mine.map { |row| row[:duration_seconds] }).to eq(told.map { |row| row[:duration_seconds] })
        expect(mine.map { |row| row[:completed_at].to_time }).to match_array(engine.map { |row| row["completed_at"] })
      end
    end

    it "leaves to the engine what the engine must refuse" do
      [{ limit_count: -1 }, { limit_count: "x" }, { since_timestamp: "never" }, { since_timestamp: 5 }].each do |choice|
        expect { Tasker::ApplicationRecord.transaction(requires_new: true) { steps.call(**choice) } }
          .to answer_alike.raising(ActiveRecord::StatementInvalid).by_the_engine("FunctionBasedSlowestSteps.call")
      end
      expect { steps.call(5) }.to raise_error(ArgumentError)
      expect { tasks.call(limit: 5) }.to raise_error(ArgumentError)
    end

    it "feeds the engine's analytics" do
      past_task(600, [["complete", 5], ["complete", 50]])
      report = Tasker::AnalyticsService.calculate_bottleneck_analytics({ namespace: nil, name: nil, version: nil }, 24)
      told = report.bottleneck_analysis.values_at(:slowest_tasks, :slowest_steps)
      expect(told.map(&:size)).to eq([1, 2])
    end

    it "is answered by Rust in one question each" do
      TaskerCore.reset_stats
      sent = statements { [steps.call, tasks.call] }
      expect([sent.size, sent.grep(/get_slowest/)]).to eq([2, []])
      expect(answers_given.values).to eq([{ rust: 1, engine: 0 }] * 2)
    end
  end
end
