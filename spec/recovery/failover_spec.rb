# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Recovery, "in a failover", repairs: RepairSwitches::DEFAULT, watch: true do
  include Recovering

  before do
    forget_jobs
    TaskerCore.configuration.recovery_grace = 0.3
  end

  # Runs the jobs of this process, and sweeps as a recurring job does, until all tasks are complete.
  def work_off(tasks, seconds)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      jobs = ActiveJob::Base.queue_adapter.enqueued_jobs.dup
      jobs.each { |job| Outcome.of { run_job(job) } }
      done = Outcome.of do
        tasks.each { |task| let_time_pass(task, 60) }
        Tasker::Task.where(task_id: tasks, complete: true).count == tasks.size
      end
      return if done.value

      Outcome.of { TaskerCore::RecoveryJob.perform_now } if jobs.empty?
      IO.select(nil, nil, nil, 0.1) if jobs.empty?
    end
  end

  describe "to a server that is read-only for some seconds" do
    let!(:workflow) { ScriptedWorkflow.new("failing_over", {}, steps: { "a" => [], "b" => ["a"], "c" => ["b"] }, retry_limit: 5) }

    def administrator
      @administrator ||= PG.connect(ENV.fetch("DATABASE_URL"))
    end

    # All sessions are cut, and new ones are read-only or not.
    def fail_over(read_only)
      change = read_only ? "set default_transaction_read_only = on" : "reset default_transaction_read_only"
      administrator.exec("alter database #{administrator.quote_ident(administrator.db)} #{change}")
      administrator.exec(<<~SQL)
        select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      SQL
    end

    after do
      fail_over(false)
      administrator.close
      Tasker::ApplicationRecord.connection.reconnect!
    end

    # In a process of its own: its connections are the ones that are cut.
    def fail_over_between_rounds(task_id, signal, failed_over)
      fork do
        armed = true
        Tasker::Events::Publisher.instance.subscribe(Tasker::Constants::WorkflowEvents::VIABLE_STEPS_DISCOVERED) do |*|
          next unless armed && Tasker::Task.find(task_id).get_step_by_name("a").status == "complete"

          armed = false
          signal.puts
          failed_over.gets
        end
        Outcome.of { Tasker::TaskRunnerJob.new(task_id).perform_now }
        work_off([Tasker::Task.new(task_id:)], 120)
      ensure
        exit!(0)
      end
    end

    it "completes the workflow afterwards, without anybody's hand" do
      task = workflow.create
      forget_jobs
      amid, signal = IO.pipe
      failed_over, done = IO.pipe
      pid = fail_over_between_rounds(task.id, signal, failed_over)
      amid.gets
      fail_over(true)
      done.puts
      IO.select(nil, nil, nil, 2)
      fail_over(false)
      Process.wait(pid)
      Tasker::ApplicationRecord.connection.reconnect!
      expect(Tasker::Task.find(task.id).status).to eq("complete")
      steps = Tasker::WorkflowStep.where(task_id: task.id)
      expect(steps.map(&:status).tally).to eq("complete" => 3)
      expect(Tasker::WorkflowStepTransition.where(workflow_step_id: steps.ids, to_state: "complete").count).to eq(3)
    end
  end

  describe "by a restart of PostgreSQL" do
    processes, tasks = ENV.fetch("TASKER_CORE_RESTART", "4,8").split(",").map(&:to_i)
    root = File.expand_path("../..", __dir__)

    # A cluster of its own: others run specs on theirs.
    define_method(:cluster) do |*arguments|
      environment = { "TASKER_CORE_CLUSTER" => "restarts", "DATABASE_URL" => nil }
      output, status = Open3.capture2e(environment, File.join(root, "bin/postgres"), *arguments)
      status.success? ? output.lines.last.to_s.chomp : raise("bin/postgres #{arguments.join(" ")}: #{output}")
    end

    def prepare(url)
      cluster("start")
      try_child("spec/dummy/bin/prepare", gemfile: ENV.fetch("BUNDLE_GEMFILE"), env: { "DATABASE_URL" => url, "RAILS_ENV" => nil })
    end

    # @param stopped [IO] ends when the server has stopped: only the first task comes further than step `b` before
    # @return [Integer] a process that makes tasks and runs them
    def worker_process(url, tasks, stopped)
      fork do
        @stop&.close
        ActiveRecord::Base.establish_connection(url)
        work = lambda do |task, _sequence, step|
          stopped.wait_readable if step.name == "b" && task.context["batch"].last.positive?
          { "step" => step.name }
        end
        steps = { "a" => [], "b" => ["a"], "c" => ["a"], "d" => %w[b c] }
        workflow = ScriptedWorkflow.new("restarted", steps.transform_values { work }, steps:, retry_limit: 50)
        made = Array.new(tasks) { |batch| workflow.create({ "batch" => [Process.pid, batch] }) }
        work_off(made, 240)
      ensure
        exit!(0)
      end
    end

    def states(url)
      db = PG.connect(url)
      db.exec("select to_state, count(*) from tasker_task_transitions where most_recent group by 1").values.to_h
    ensure
      db.close
    end

    it "completes all workflows of #{processes} processes, #{tasks} each, without anybody's hand" do
      url = cluster("url", "tasker_core_restarts")
      prepare(url)
      PG.connect(url).then { |db| db.exec("truncate tasker_tasks cascade") && db.close }
      stopped, @stop = IO.pipe
      pids = Array.new(processes) { worker_process(url, tasks, stopped) }
      eventually("the first tasks to be complete, the second ones to be at work") do
        states(url).values_at("complete", "in_progress") == [processes.to_s] * 2
      end
      cluster("stop")
      @stop.close
      cluster("start")
      expect(states(url).keys).to include("in_progress")
      pids.each { |pid| Process.wait(pid) }
      expect(states(url)).to eq("complete" => (processes * tasks).to_s)
    ensure
      pids&.each { |pid| Process.kill(:KILL, pid) rescue nil } # rubocop:disable Style/RescueModifier -- they have ended
      cluster("stop")
    end
  end
end
