# frozen_string_literal: true

# Processes that share the jobs of {TableQueue}, record each execution of a step, and are killed: `include_context "with killed processes"`.
#
# A group defines `workflow`, `tasks` (their number at first), `pause` (seconds between two kills), `kills` (at most) and `least` (kills, at
# least).
RSpec.shared_context "with killed processes" do
  include Recovering

  steps = { "a" => [], "b" => ["a"], "c" => ["a"], "d" => %w[b c], "e" => ["d"] }
  let(:steps) { steps }

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

  # The handler of each step.
  def work
    lambda do |_task, _sequence, step|
      db = step.class.connection
      db.execute("insert into spec_executions values (#{step.id}, #{Process.pid}, clock_timestamp())")
      db.execute("update spec_executions set ended = clock_timestamp() where step = #{step.id} and process = #{Process.pid}")
      { "step" => step.name }
    end
  end

  # A process of job workers, with the recurring job of recovery beside it.
  # @yield in the process, before its first job
  # @return [Integer] its id
  def fork_job_worker
    fork do
      yield if block_given?
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

  # @return [Time] when the process was gone
  def kill(pid)
    Process.kill(:KILL, pid)
    Process.wait(pid)
    server_time
  end

  # @return [Time]
  def server_time = connection.select_value("select clock_timestamp()")

  def make_tasks(count) = Array.new(count.to_i) { workflow.create({ "batch" => SecureRandom.hex(4) }).id }

  def left(ids) = ids.size - Tasker::ApplicationRecord.uncached { Tasker::Task.where(task_id: ids, complete: true).count }

  # Kills a process after each pause, until so many were killed or hardly any tasks are left. A machine that is too fast for `least` kills
  # is given more tasks. The deadline only ends what would last for ever.
  #
  # @param ids [Array<Integer>] of the tasks; further ones are added
  # @yieldparam killed [Hash{Integer => Time}] to which the block adds the process that it kills
  # @return [Hash{Integer => Time}] when each process was gone
  def kill_until_complete(ids)
    killed = {}
    deadline = Time.now + 300 + ids.size
    while (left(ids).positive? || killed.size < least) && Time.now < deadline
      IO.select(nil, nil, nil, pause)
      yield killed if killed.size < kills && enough_left?(ids, killed)
    end
    killed
  end

  # @return [Boolean] whether a kill can interrupt something; adds tasks where it could not and more kills are needed
  def enough_left?(ids, killed)
    return true if left(ids) >= tasks.to_i / 10
    return false if killed.size >= least

    ids.concat(make_tasks(tasks))
    true
  end

  # @return [Hash{Integer => Array}] the executions of each step, `[step, process, began, ended]`, the first one first
  def executions = connection.select_rows("select step, process, began, ended from spec_executions order by began").group_by(&:first)

  # @param runs [Array] executions of one step
  # @param killed [Hash{Integer => Time}] when each process was gone
  # @return [Boolean] whether one began before the one before it was over
  def overlap?(runs, killed)
    runs.each_cons(2).any? { |(_, process, _, ended), (_, _, began, _)| (ended || killed[process]) > began }
  end

  # Runs the tasks while the block kills, and expects each to be complete, each step to be completed once, and no attempt to be lost.
  #
  # @yieldparam ids [Array<Integer>] of the tasks
  # @yieldreturn [Hash{Integer => Time}] when each process was gone
  # @return [Array(Array<Integer>, Hash)] the ids and what the block returned
  def expect_complete_tasks
    ids = make_tasks(tasks)
    began = clock
    killed = yield ids
    seconds = (clock - began).round(1)
    expect(Tasker::Task.find(ids).map(&:status).tally).to eq("complete" => ids.size)
    interrupted = expect_complete_steps(Tasker::WorkflowStep.where(task_id: ids))
    expect(killed.size).to be >= least
    report("  #{ids.size} tasks in #{seconds} s, #{killed.size} kills, #{interrupted} steps interrupted")
    [ids, killed]
  end

  def report(text) = RSpec.configuration.reporter.message(text)

  def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def transitions_of(steps, to_state) = Tasker::WorkflowStepTransition.where(workflow_step_id: steps.ids, to_state:)

  # @return [Integer] how many attempts were interrupted
  def expect_complete_steps(steps)
    completions = transitions_of(steps, "complete")
    expect(completions.group(:workflow_step_id).count.values.tally).to eq(1 => steps.count)
    expect(completions.where(most_recent: true).count).to eq(steps.count)
    interrupted = transitions_of(steps, "error").count
    expect(steps.sum(:attempts)).to eq(steps.count + interrupted)
    interrupted
  end
end
