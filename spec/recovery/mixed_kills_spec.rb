# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_workers"

# Rails and Rust processes that share tasks and are killed at random. `rake spec:kills` has eight of them run 1,000 tasks.
RSpec.describe "Rails and Rust workers that are killed", repairs: RepairSwitches::DEFAULT, watch: true do
  include Recovering

  # Processes of each kind, tasks, seconds between two kills, and kills at the most.
  each, tasks, pause, kills = ENV.fetch("TASKER_CORE_MIXED_KILLS", "2,40,0.5,6").split(",").map(&:to_f)
  least = 4
  steps = { "a" => [], "b" => ["a"], "c" => ["a"], "d" => %w[b c], "e" => ["d"] }
  rust = %w[b d]
  statement = "insert into spec_executions values ($1, $2, clock_timestamp());" \
              "update spec_executions set ended = clock_timestamp() where step = $1 and process = $2"

  before(:context) { RustWorkers.build }

  before do
    TaskerCore::Recovery.stop
    TaskerCore.configuration.recovery_grace = 1
    TableQueue.create
    connection.execute("create table if not exists spec_executions (step bigint, process bigint, began timestamptz, ended timestamptz)")
    connection.execute("truncate spec_executions")
    @adapter = ActiveJob::Base.queue_adapter
    ActiveJob::Base.queue_adapter = TableQueue.new
  end

  after do
    ActiveJob::Base.queue_adapter = @adapter
    TableQueue.drop
    connection.execute("drop table if exists spec_executions")
  end

  def connection = Tasker::ApplicationRecord.connection

  let!(:workflow) do
    work = lambda do |_task, _sequence, step|
      db = step.class.connection
      db.execute("insert into spec_executions values (#{step.id}, #{Process.pid}, clock_timestamp())")
      db.execute("update spec_executions set ended = clock_timestamp() where step = #{step.id} and process = #{Process.pid}")
      { "step" => step.name }
    end
    MixedWorkflow.new("mixed_killed", steps.transform_values { work }, rust:, steps:, retry_limit: 100)
  end

  # @return [Array(Integer, Proc, Symbol)] a process, how it is killed, and what makes another of its kind
  define_method(:rust_process) do
    worker = RustWorkers.start(workflow, rust, grace: 1, statement:)
    [worker.pid, -> { worker.kill }, :rust_process]
  end

  # Job workers, with the recurring job of recovery beside them.
  # @return [Array(Integer, Proc, Symbol)]
  def rails_process
    pid = fork { run_jobs }
    [pid, -> { Process.kill(:KILL, pid) && Process.wait(pid) }, :rails_process]
  end

  def run_jobs
    swept = Time.now
    TaskerCore::Recovery.start
    loop do
      job = TableQueue.take
      job ? Outcome.of { ActiveJob::Base.execute(job) } : IO.select(nil, nil, nil, 0.02)
      next if Time.now - swept < 2

      swept = Time.now
      Outcome.of { TaskerCore::RecoveryJob.perform_now }
    end
  ensure
    exit!(0)
  end

  def make_tasks(count) = Array.new(count.to_i) { workflow.create({ "batch" => SecureRandom.hex(4) }).id }

  def left(ids) = ids.size - Tasker::ApplicationRecord.uncached { Tasker::Task.where(task_id: ids, complete: true).count }

  # One process is killed after each pause, of both kinds in turn, until so many were or hardly any tasks are left. A machine that is too
  # fast is given more tasks.
  # @return [Hash{Integer => Time}] when each process was gone
  define_method(:run_and_kill) do |ids|
    processes = Array.new(each.to_i) { [rails_process, rust_process] }.flatten(1)
    killed = {}
    until_complete(ids, killed, least) do
      IO.select(nil, nil, nil, pause)
      few = left(ids) < tasks.to_i / 10
      more = few && killed.size < least
      ids.concat(make_tasks(tasks)) if more
      kill_first(processes, killed) if (more || !few) && killed.size < kills
    end
    killed
  ensure
    processes.each { |_, kill, _| kill.call }
  end

  # Until all tasks are complete and enough kills were made. The deadline only ends what would last for ever.
  def until_complete(ids, killed, least)
    deadline = Time.now + 300 + ids.size
    yield while (left(ids).positive? || killed.size < least) && Time.now < deadline
  end

  # @param processes [Array] the one that was made last comes last
  def kill_first(processes, killed)
    pid, kill, another = processes.shift
    kill.call
    killed[pid] = connection.select_value("select clock_timestamp()")
    processes << send(another)
  end

  # @return [Array] steps of which an execution began after their completion, or before an earlier execution was over
  def repeated(killed)
    rows = connection.select_rows("select step, process, began, ended from spec_executions order by step, began")
    completed = Tasker::WorkflowStepTransition.where(to_state: "complete").pluck(:workflow_step_id, :created_at).to_h
    rows.group_by(&:first).select do |step, runs|
      late = completed.key?(step) && runs.last[2] > completed[step]
      late || runs.each_cons(2).any? { |(_, process, _, ended), (_, _, began, _)| (ended || killed[process]) > began }
    end.keys
  end

  it "completes #{tasks.to_i} tasks in #{2 * each.to_i} processes, runs no step again that is complete, and strands nothing" do
    ids = make_tasks(tasks)
    began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    killed = run_and_kill(ids)
    seconds = (Process.clock_gettime(Process::CLOCK_MONOTONIC) - began).round(1)
    expect(Tasker::Task.find(ids).map(&:status).tally).to eq("complete" => ids.size)
    expect(repeated(killed)).to be_empty
    steps = Tasker::WorkflowStep.where(task_id: ids)
    transitions = Tasker::WorkflowStepTransition.where(workflow_step_id: steps.ids)
    expect(transitions.where(to_state: "complete").group(:workflow_step_id).count.values.tally).to eq(1 => steps.count)
    expect(transitions.where(most_recent: true, to_state: "complete").count).to eq(steps.count)
    expect(killed.size).to be >= least
    interrupted = transitions.where(to_state: "error").count
    expect(steps.sum(:attempts)).to eq(steps.count + interrupted)
    of_rust = steps.joins(:named_step).where(tasker_named_steps: { name: rust })
    expect(of_rust.pluck(:results).map { |results| results["by"] }.tally).to eq("rust" => 2 * ids.size)
    RSpec.configuration.reporter.message("  #{ids.size} tasks in #{seconds} s, #{killed.size} kills, #{interrupted} steps interrupted")
  end
end
