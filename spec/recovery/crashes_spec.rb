# frozen_string_literal: true

require_relative "../rails_helper"

# A workflow of three waves, the second of which is concurrent, in a process that is struck before and after each statement that it sends.
RSpec.describe TaskerCore::Recovery, repairs: RepairSwitches::DEFAULT do
  include Recovering

  steps = { "a" => [], "b" => ["a"], "c" => ["a"], "d" => %w[b c] }

  before do
    forget_jobs
    @executions = Tempfile.new("executions")
  end

  after { @executions.close! }

  let(:grace) { Recovering::GRACE }
  let!(:workflow) do
    path = @executions.path
    work = lambda do |_task, _sequence, step|
      File.write(path, "#{step.name}\n", mode: "a")
      @amid&.call(step.name)
      { "step" => step.name }
    end
    ScriptedWorkflow.new("crashing", steps.transform_values { work }, steps:, retry_limit: 10)
  end

  # @return [Hash{String => Integer}] how often each step's handler was called
  def executions = File.readlines(@executions.path, chomp: true).tally

  # @return [Hash{String => Array(String, Integer)}] state and attempts of each step
  def conditions(task)
    Tasker::WorkflowStep.where(task_id: task.id).includes(:named_step).to_h { |step| [step.name, [step.status, step.attempts]] }
  end

  def forked(&)
    fork do
      ENV["PGAPPNAME"] = "crashing"
      yield
    ensure
      exit!(0)
    end
  end

  # Waits until the server has noticed that a process is gone.
  def await_its_sessions
    eventually("its sessions to end") do
      Tasker::ApplicationRecord.connection.select_value(<<~SQL).zero?
        select count(*) from pg_stat_activity where datname = current_database() and application_name = 'crashing'
      SQL
    end
  end

  # Runs jobs, the first one again included, as queues do; without any, time passes until a sweep makes one.
  def finish(task)
    20.times do
      return if Tasker::Task.find(task.id).status == "complete"

      let_time_pass(task, 60)
      jobs = jobs_of(task)
      jobs.each { |job| Outcome.of { run_job(job) } }
      next unless jobs.empty?

      pass(grace)
      Tasker::TaskTransition.where(task_id: task.id).update_all(["created_at = created_at - make_interval(secs => ?)", grace * 11])
      described_class.sweep
    end
  end

  def expect_recovered(task, struck, before)
    expect(Tasker::Task.find(task.id).status).to eq("complete"), conditions(task).inspect
    expect(conditions(task)).to eq(struck.transform_values { |state, attempts| ["complete", state == "in_progress" ? attempts + 2 : 1] })
    expect_nothing_again(struck, before)
    expect_single_completions(task)
  end

  def expect_nothing_again(struck, before)
    done = struck.select { |_, (state, _)| state == "complete" }.keys
    expect(executions.slice(*done)).to eq(before.slice(*done))
  end

  def expect_single_completions(task)
    completions = Tasker::WorkflowStepTransition.where(workflow_step_id: task.workflow_steps.ids, to_state: "complete")
    expect(completions.group(:workflow_step_id).count.values).to eq([1] * steps.size)
    expect(RowFaults.of(task.id)).to be_empty
  end

  define_method(:steps) { steps }

  # @return [Integer] statements of an undisturbed run
  def statements_of_a_run
    task = workflow.create
    reader, writer = IO.pipe
    pid = forked { writer.puts(Crash.count { workflow.run(Tasker::Task.find(task.id)) }) }
    Process.wait(pid)
    reader.gets.to_i
  end

  # @return [Boolean] whether it was struck
  def killed?(task, number, phase)
    pid = forked do
      crash = Crash.new(number, phase) { Process.kill(:KILL, Process.pid) && sleep }
      ActiveSupport::Notifications.subscribed(crash, "sql.active_record") { workflow.run(Tasker::Task.find(task.id)) }
    end
    Process.wait2(pid).last.termsig == 9
  end

  # Goes on until neither before nor after two successive statements anything was struck: a run does not send so many.
  # @yieldreturn [Boolean] whether it was struck
  # @return [Integer] how often it was
  def each_statement
    phases = %i[before after]
    struck = []
    struck << phases.count { |phase| yield(struck.size + 1, phase) } until struck.size > 2 && struck.last(2).sum.zero?
    struck.sum
  end

  it "completes every task of a process that is killed before or after any of its statements, and runs nothing again that is done" do
    count = statements_of_a_run
    killed = each_statement do |number, phase|
      File.truncate(@executions.path, 0)
      task = workflow.create
      killed = killed?(task, number, phase)
      await_its_sessions
      struck = conditions(task)
      before = executions
      sweep_twice
      finish(task)
      expect_recovered(task, struck, before)
      killed
    rescue RSpec::Expectations::ExpectationNotMetError => e
      raise e.class, "killed #{phase} statement #{number} of about #{count}: #{e.message}"
    end
    expect(killed).to be > count # of twice as many; how many there are varies a little with the turns of the concurrent steps
  end

  describe "a process that is stopped for longer than the grace period" do
    # @return [Integer] the process, which has stopped amid step `b`
    def stopped(task)
      reader, @writer = IO.pipe
      pid = forked do
        # The signal stops the thread that sends it a moment later; until it is continued it must not go on.
        @amid = ->(name) { Process.kill(:STOP, Process.pid) && reader.gets if name == "b" }
        workflow.run(Tasker::Task.find(task.id))
      end
      Process.wait2(pid, Process::WUNTRACED)
      pid
    end

    def continue(pid)
      Process.kill(:CONT, pid)
      @writer.puts
      Process.wait(pid)
    end

    it "keeps its claims while the server has its session, and goes on" do
      task = workflow.create
      pid = stopped(task)
      forget_jobs
      expect(sweep_twice).to be_nothing
      continue(pid)
      expect(Tasker::Task.find(task.id).status).to eq("complete")
      expect(conditions(task)).to eq(steps.transform_values { ["complete", 1] })
      expect_single_completions(task)
    end

    it "loses them once the server has lost its session, and its late end is refused" do
      task = workflow.create
      pid = stopped(task)
      forget_jobs
      end_session_of(task.task_transitions.last.metadata.dig("tasker_core", "worker"))
      struck = conditions(task)
      expect(sweep_twice.tasks).to eq([task.id])
      finish(task)
      completed = Portrait.new(task).rows
      continue(pid)
      expect(Portrait.new(task).rows).to eq(completed)
      expect(struck.fetch("b").first).to eq("in_progress")
      expect(executions["b"]).to eq(2)
      expect_single_completions(task)
      expect(Tasker::Task.find(task.id).status).to eq("complete")
    end
  end

  describe "a process whose connections are cut" do
    def cut_at(number, phase, proxy)
      orders, strikes = IO.pipe
      done, told = IO.pipe
      strike = Crash.new(number, phase) { strikes.puts && done.gets }
      helper = -> { orders.gets && (proxy.cut || proxy.mend || told.puts) }
      [strike, helper]
    end

    def watch_through(proxy)
      config = ActiveRecord::Base.connection_db_config.configuration_hash.except(:url)
      ActiveRecord::Base.establish_connection(config.merge(proxy.settings))
      described_class.clock = TaskerCore::Recovery::MONOTONIC
      described_class.watching = true
      TaskerCore.configuration.recovery_grace = 0.1
    end

    # The recurring job is there, too, for tasks that are pending and whose job was lost.
    def complete_by_jobs?(task)
      let_time_pass(task, 60)
      jobs_of(task).each { |job| Outcome.of { run_job(job) } }.empty? && Outcome.of { TaskerCore::RecoveryJob.perform_now }
      Tasker::Task.find(task.id).status == "complete"
    end

    def run_through(proxy, task, strike)
      forked do
        watch_through(proxy)
        ActiveSupport::Notifications.subscribed(strike, "sql.active_record") { Outcome.of { workflow.run(Tasker::Task.find(task.id)) } }
        eventually("the task to be complete") { complete_by_jobs?(task) }
      end
    end

    # All of them take a minute; TASKER_CORE_CUTS=1 tries each.
    it "completes its task by itself, whatever statement they are cut at" do
      proxy = DatabaseProxy.new
      count = statements_of_a_run
      every = Integer(ENV.fetch("TASKER_CORE_CUTS", "5"))
      (1..count).to_a.product(%i[before after]).each_slice(every).map(&:first).each do |number, phase|
        File.truncate(@executions.path, 0)
        task = workflow.create
        strike, helper = cut_at(number, phase, proxy)
        thread = Thread.new(&helper)
        Process.wait(run_through(proxy, task, strike))
        thread.kill
        expect([number, phase, Tasker::Task.find(task.id).status]).to eq([number, phase, "complete"])
        expect_single_completions(task)
        expect(executions.values).to all(be <= 2)
      end
    ensure
      proxy.close
    end
  end
end
