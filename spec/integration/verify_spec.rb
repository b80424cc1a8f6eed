# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/verification/command"

# `rails tasker_core:verify`: the engine's answers and the core's over the tasks of a database.
RSpec.describe TaskerCore::Verification do
  let(:out) { StringIO.new }
  let(:err) { StringIO.new }
  let(:connection) { Tasker::ApplicationRecord.connection }

  def verify(*tasks, **env)
    env = { TASKS: tasks.map(&:task_id).join(","), **env }.transform_keys(&:to_s)
    described_class::Command.new(env, out, err).run
  end

  # The counts of one line of the report.
  def counts_of(check)
    line = out.string.lines.find { |candidate| candidate.start_with?(check) }
    line.delete_prefix(check).split.first(3).map(&:to_i)
  end

  # Has an SQL function of the engine answer otherwise, for whoever asks; `change` is made in its source.
  def with_changed_function(name, *change)
    original = connection.select_value("SELECT pg_get_functiondef('#{name}'::regproc)")
    changed = original.sub(*change)
    raise "#{name} is as it was" if changed == original

    connection.execute(changed)
    yield
  ensure
    connection.execute(original)
  end

  context "with tasks of all kinds" do
    let!(:tasks) { RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 6) }

    it "finds no difference, and says what it has compared" do
      expect(verify(*tasks)).to eq(0), out.string + err.string
      steps = Tasker::WorkflowStep.where(task: tasks).count
      expect(counts_of("step readiness")).to eq([6, 0, 0])
      expect(["system health", "readiness of many tasks", "contexts of many tasks", "graph view"].map { |check| counts_of(check) })
        .to all(eq([1, 0, 0]))
      expect(["a step's state", "a step's transitions", "a step's siblings"].map { |check| counts_of(check) }).to all(eq([steps, 0, 0]))
      expect(counts_of("a task's state")).to eq([6, 0, 0])
      # On edges into other tasks the engine fails.
      expect(["dependency graph", "critical paths"].map { |check| counts_of(check) }).to all(match([a_value > 0, 0, a_value < 6]))
      expect(out.string).to match(/^6 tasks: no difference(, \d+ skipped)?\n\z/)
    end

    it "asks both sides about one snapshot, in which nothing can be written" do
      sent = statements { verify(*tasks.first(1)) }
      expect(sent.grep(/\ABEGIN ISOLATION LEVEL REPEATABLE READ/).size).to eq(3) # the database as a whole, the batch, and the task
      expect(sent.grep(/\ASET TRANSACTION READ ONLY/).size).to eq(3)
      expect(sent.grep(/\A\s*(INSERT|UPDATE|DELETE)/i)).to be_empty
    end

    it "is the same in every mode" do
      TaskerCore.reset_stats
      TaskerCore.without { expect(verify(*tasks)).to eq(0) }
      TaskerCore::Switch.put(:shadow) { expect(verify(*tasks)).to eq(0) }
      expect(TaskerCore.shadow_stats.values.flat_map(&:values)).to all(eq(0))
    end
  end

  it "lists each difference with its ids" do
    task = make_three_step_task
    ids = task.workflow_steps.order(:workflow_step_id).ids
    status = with_changed_function("calculate_dependency_levels", /(END;\s*\$function\$)/, <<~SQL) { verify(task) }
      RETURN QUERY SELECT #{ids.last}::bigint, 9;
      \\1
    SQL
    expect(status).to eq(1), out.string + err.string
    expect(out.string.lines).to include(
      "task #{task.task_id}, dependency levels: engine [#{{ "workflow_step_id" => ids.last, "dependency_level" => 9 }}], core []\n"
    )
    expect(counts_of("dependency levels")).to eq([1, 1, 0])
    expect(counts_of("step readiness")).to eq([1, 0, 0])
    expect(counts_of("dependency graph")).to eq([1, 1, 0]) # levels are in it, too
    expect(out.string).to end_with("1 task: 2 differences\n")
  end

  # Has the core asked about another task, or about another step.
  {
    "readiness of many tasks" => :step_readiness_of_tasks, "contexts of many tasks" => :task_execution_contexts,
    "graph view" => :relationships_of_tasks, "dependency graph" => :task_graph, "critical paths" => :task_graph,
    "a task's state" => :current_state, "a step's state" => :current_state, "a step's siblings" => :sibling_edges
  }.each do |check, conversation|
    it "notices a difference in #{check}" do
      task = make_task("in_progress")
      steps = [make_step(task, "a")]
      steps += Array.new(2) { |index| make_step(task, "b_#{index}", parents: steps) }
      other = make_step(make_task, "a", "cancelled")
      instead = check.start_with?("a step") ? { steps.last.id => other.id } : { task.id => other.task_id }
      allow(TaskerCore::Native::Conversation).to receive(conversation).and_wrap_original do |original, *arguments|
        original.call(*arguments.map { |one| one.is_a?(Array) ? one.map { |id| instead.fetch(id, id) } : instead.fetch(one, one) })
      end
      expect(verify(task)).to eq(1)
      expect(counts_of(check).second).to eq(1)
    end
  end

  it "names the step whose transitions differ" do
    task = make_three_step_task
    step = task.workflow_steps.order(:workflow_step_id).second
    allow(TaskerCore::Native::Conversation).to receive(:allowed_transitions).and_wrap_original do |original, override, kind, id, *rest|
      original.call(override, kind, id == step.id ? step.id + 1 : id, *rest)
    end
    expect(verify(task)).to eq(1)
    expect(out.string.lines.first).to eq(
      "task #{task.task_id}, step #{step.id}, a step's transitions: engine [\"in_progress\"], core []\n"
    )
  end

  it "counts an error of the core as a difference", repairs: %i[endless_recursion] do
    allow(TaskerCore::Native::Conversation).to receive(:dependency_levels) { raise TaskerCore::CycleError, "round and round" }
    expect(verify(make_three_step_task)).to eq(1)
    expect(out.string).to include('core "TaskerCore::CycleError: round and round"')
  end

  it "skips what the engine cannot answer, and says why" do
    task = make_task("in_progress")
    make_step(task, "a", "error", attempts: 50, last_attempted_at: Time.current)
    expect(verify(task)).to eq(0)
    expect(counts_of("step readiness")).to eq([0, 0, 1])
    expect(out.string).to match(/^skipped 1 × step readiness: ActiveRecord::StatementInvalid: .*interval out of range/)
  end

  it "skips what takes the engine too long: it enumerates paths" do
    layers = Array.new(16) { |layer| %w[a b c d].map { |name| "#{name}#{layer}" } }
    task = make_task("in_progress")
    layers.inject([]) { |parents, names| names.map { |name| make_step(task, name, parents:) } }
    expect(verify(task, TIMEOUT: "3")).to eq(0), out.string
    expect(counts_of("dependency levels")).to eq([0, 0, 1])
    expect(counts_of("viable steps")).to eq([1, 0, 0])
    expect(out.string).to match(/^skipped 1 × dependency levels: ActiveRecord::QueryCanceled: .*statement timeout/)
  ensure
    # The engine's graph view follows the paths of every task that there is.
    Tasker::WorkflowStepEdge.where(from_step_id: Tasker::WorkflowStep.where(task_id: task.task_id).ids).delete_all
  end

  it "does not have the engine list more paths than it could" do
    task = make_layered_task(layers: 8, width: 4) # 65,536 paths
    expect(verify(task)).to eq(0), out.string
    expect(counts_of("critical paths")).to eq([0, 0, 1])
    expect(out.string).to match(/^skipped 1 × critical paths: .*expected 10000 paths or fewer, got 65536$/)
    expect(out.string).to end_with("1 task: no difference, 1 skipped\n")
  ensure
    Tasker::WorkflowStepEdge.where(from_step_id: task.workflow_steps.ids).delete_all
  end

  it "skips what the core leaves to the engine" do
    allow(TaskerCore::Native::Ids).to receive(:id?).and_return(false)
    expect(verify(make_three_step_task)).to eq(0)
    expect(counts_of("dependency levels")).to eq([0, 0, 1])
    expect(out.string).to include("skipped 1 × dependency levels: the core leaves it to the engine")
  end

  it "leaves out what has been deleted meanwhile" do
    task = make_three_step_task
    expect(described_class.new.compare([task.task_id, -1])).to eq([task.task_id, -1])
  end

  describe "the progress" do
    let(:tasks) { Array.new(3) { make_three_step_task } }

    it "is a bar on a terminal that ends with all tasks, and no part of the report" do
      allow(err).to receive(:tty?).and_return(true)
      expect(verify(*tasks)).to eq(0)
      expect(err.string.split("\r").last).to match(/\Acomparing tasks \|=+\| 3 of 3 /)
      expect(err.string.scan(/\d of 3/).uniq).to eq(["0 of 3", "1 of 3", "2 of 3", "3 of 3"])
      expect(out.string).not_to include("comparing tasks")
    end

    it "is printed without a terminal, too" do
      expect(verify(*tasks)).to eq(0)
      expect(err.string).to include("comparing tasks")
      expect(err.string).not_to include("\r")
    end
  end

  describe "the selection" do
    def selected(**env) = described_class::Selection.new(env.transform_keys(&:to_s)).task_ids

    it "is all tasks, those named, the newest, or those since an instant; newest first" do
      old = make_task(created_at: 3.days.ago)
      tasks = [old, *Array.new(3) { make_task }].map(&:task_id)
      expect(selected.first(4)).to eq(tasks.reverse)
      expect(selected(TASKS: tasks.first(2).join(", "))).to eq(tasks.first(2).reverse)
      expect(selected(LIMIT: "2")).to eq(tasks.last(2).reverse)
      expect(selected(TASKS: tasks.join(","), SINCE: 1.day.ago.iso8601)).to eq(tasks.last(3).reverse)
      expect(selected(TASKS: tasks.join(","), SINCE: 2.days.ago.to_date.iso8601, LIMIT: "1")).to eq(tasks.last(1))
    end

    {
      { TASKS: "1;2" } => 'TASKS: expected ids separated by commas, got "1;2"',
      { TASKS: "999999999" } => "TASKS: expected ids of tasks that there are, got 999999999",
      { SINCE: "yesterday" } => 'SINCE: expected a date or an instant in ISO 8601, got "yesterday"',
      { LIMIT: "0" } => 'LIMIT: expected a whole number above zero, got "0"',
      { TIMEOUT: "1s" } => 'TIMEOUT: expected a whole number above zero, got "1s"'
    }.each do |env, message|
      it "refuses #{env}" do
        expect(verify(**env)).to eq(2)
        expect(err.string).to eq("#{message}\n")
        expect(out.string).to be_empty
      end
    end
  end

  it "is a command of the application, with an exit status" do
    task = make_three_step_task
    command = lambda do |*arguments|
      try_child("bin/rails", "tasker_core:verify", *arguments, gemfile: ENV.fetch("BUNDLE_GEMFILE"), folder: "spec/dummy")
    end
    same = command.call("TASKS=#{task.task_id}")
    expect([same.status.exitstatus, same.output.lines.last]).to eq([0, "1 task: no difference\n"])
    with_changed_function("get_task_execution_context", "'has_ready_steps'", "'has_steps'") do
      other = command.call("TASKS=#{task.task_id}")
      expect([other.status.exitstatus, other.output.lines.last]).to eq([1, "1 task: 1 difference\n"])
    end
    refused = command.call("TASKS=none")
    expect([refused.status.exitstatus, refused.errors]).to match([2, /TASKS: expected ids/])
  end
end
