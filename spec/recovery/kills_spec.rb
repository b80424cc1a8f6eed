# frozen_string_literal: true

require_relative "../rails_helper"

# Processes that share a queue and are killed at random, again and again. `rake spec:kills` has eight of them run 500 tasks.
RSpec.describe TaskerCore::Recovery, repairs: RepairSwitches::DEFAULT, watch: true do
  include Recovering

  processes, tasks, pause, kills = ENV.fetch("TASKER_CORE_KILLS", "3,16,0.4,6").split(",").map(&:to_f)
  least = 3
  steps = { "a" => [], "b" => ["a"], "c" => ["a"], "d" => %w[b c], "e" => ["d"] }

  before do
    described_class.stop
    TaskerCore.configuration.recovery_grace = 1
    TableQueue.create
    connection.execute("create table if not exists spec_executions (step bigint, process int, began timestamptz, ended timestamptz)")
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
    ScriptedWorkflow.new("killed", steps.transform_values { work }, steps:, retry_limit: 100)
  end

  # A process of job workers, with the recurring job of recovery beside it.
  def worker_process
    fork do
      swept = Time.now
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
  end

  def make_tasks(count) = Array.new(count.to_i) { workflow.create({ "batch" => SecureRandom.hex(4) }).id }

  def left(ids) = ids.size - Tasker::ApplicationRecord.uncached { Tasker::Task.where(task_id: ids, complete: true).count }

  # One of the processes is killed after each pause, until so many were or hardly any tasks are left. A machine that is too fast for three
  # kills is given more tasks.
  #
  # @param ids [Array<Integer>] of the tasks; further ones are added
  # @return [Hash{Integer => Time}] when each process was killed
  define_method(:run_and_kill) do |ids, processes, pause, kills|
    pids = Array.new(processes) { worker_process }
    killed = {}
    until_complete(ids, killed, least) do
      IO.select(nil, nil, nil, pause)
      few = left(ids) < tasks.to_i / 10
      more = few && killed.size < least
      ids.concat(make_tasks(tasks)) if more
      kill_one(pids, killed) if (more || !few) && killed.size < kills
    end
    killed
  ensure
    pids.each { |pid| kill(pid) }
  end

  # Until all tasks are complete and enough kills were made.
  def until_complete(ids, killed, least)
    deadline = Time.now + 300 + ids.size
    yield while (left(ids).positive? || killed.size < least) && Time.now < deadline
  end

  def kill_one(pids, killed)
    victim = pids.delete(pids.sample)
    killed[victim] = kill(victim)
    pids << worker_process
  end

  # @return [Time] when it was gone
  def kill(pid)
    Process.kill(:KILL, pid)
    Process.wait(pid)
    connection.select_value("select clock_timestamp()")
  end

  # @return [Array] steps of which a second execution began before the first one was over
  def overlaps(killed)
    rows = connection.select_rows("select step, process, began, ended from spec_executions order by step, began")
    rows.group_by(&:first).select do |_, runs|
      runs.each_cons(2).any? { |(_, process, _, ended), (_, _, began, _)| (ended || killed[process]) > began }
    end.keys
  end

  it "has #{processes.to_i} of them complete #{tasks.to_i} tasks, run nothing twice at the same time, and complete no step twice" do
    ids = make_tasks(tasks)
    began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    killed = run_and_kill(ids, processes.to_i, pause, kills)
    seconds = (Process.clock_gettime(Process::CLOCK_MONOTONIC) - began).round(1)
    expect(Tasker::Task.find(ids).map(&:status).tally).to eq("complete" => ids.size)
    expect(overlaps(killed)).to be_empty
    steps = Tasker::WorkflowStep.where(task_id: ids)
    transitions = Tasker::WorkflowStepTransition.where(workflow_step_id: steps.ids)
    completions = transitions.where(to_state: "complete").group(:workflow_step_id).count
    expect(completions.values.tally).to eq(1 => steps.count)
    expect(killed.size).to be >= least
    interrupted = transitions.where(to_state: "error").count
    expect(steps.sum(:attempts)).to eq(steps.count + interrupted)
    RSpec.configuration.reporter.message("  #{ids.size} tasks in #{seconds} s, #{killed.size} kills, #{interrupted} steps interrupted")
  end
end
