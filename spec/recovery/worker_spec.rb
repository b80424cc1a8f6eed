# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/doctor"

RSpec.describe TaskerCore::Recovery::Worker, repairs: RepairSwitches::DEFAULT do
  include Recovering
  include Forks

  before { forget_jobs }

  let(:grace) { Recovering::GRACE }
  let!(:workflow) { ScriptedWorkflow.new("recovering", {}, retry_limit: 5) }

  def marks_of(task)
    rows = task.task_transitions.reload.to_a + Tasker::WorkflowStepTransition.where(workflow_step_id: task.workflow_steps.ids).to_a
    rows.group_by(&:to_state).transform_values { |transitions| transitions.filter_map { |row| row.metadata["tasker_core"] }.uniq }
  end

  # Has a step of the workflow do that.
  def script(step, &block)
    ScriptedWorkflow.scripts["recovering"] = { step => ->(*) { yield.then { { "done" => true } } } }
  end

  # @return [Thread] in which the task is run; it is alone there
  def run_in_thread(task)
    Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { workflow.run(Tasker::Task.find(task.id)) } }
          .tap { |thread| thread.report_on_exception = false }
  end

  describe "its key" do
    it "stands in the metadata of its claims of tasks and steps, and in no other transition" do
      task = workflow.create
      workflow.run(task)
      mark = { "worker" => worker.key.to_s }
      expect(marks_of(task)).to eq("in_progress" => [mark], "complete" => [])
      expect(locked?(worker.key)).to be(true)
    end

    it "is another in each process" do
      keys = [worker.key_of_claims, *in_processes(3) { worker.key_of_claims }]
      expect(keys.uniq.size).to eq(4)
      expect(keys).to all(be_between(-(1 << 63), (1 << 63) - 1))
    end

    it "is missing while the lock is not held" do
      allow(TaskerCore::Recovery::LockSession).to receive(:open).and_raise(ActiveRecord::ConnectionNotEstablished, "no server")
      task = nil
      lines = LogRecorder.lines { workflow.run(task = workflow.create) }
      expect([task.status, marks_of(task)["in_progress"]]).to eq(["complete", []])
      expect(lines.grep(/does not hold its lock.*no server/).size).to eq(1)
    end

    it "is the same after the session was lost" do
      key = worker.key_of_claims
      worker.lost
      expect(worker.key_of_claims).to be_nil # within a second of the attempt before
      pass(1)
      expect(worker.key_of_claims).to eq(key)
    end
  end

  it "changes nothing, opens no session and marks nothing with recovery off" do
    TaskerCore.configuration.recovery = false
    expect(TaskerCore::Recovery::LockSession).not_to receive(:open)
    workflow.run(workflow.create)
    task = workflow.create
    without = statements { workflow.run(task) }
    expect(marks_of(task).values.flatten).to be_empty
    RSpec::Mocks.space.proxy_for(TaskerCore::Recovery::LockSession).reset
    TaskerCore.configuration.recovery = true
    worker.key_of_claims
    task = workflow.create
    with = statements { workflow.run(task) }
    expect(with.map { |sql| sql[0, 60] }.tally).to eq(without.map { |sql| sql[0, 60] }.tally)
    expect(with.tally).to eq(without.tally)
  end

  describe "a fork" do
    it "does not keep the lock of its parent" do
      reader, writer = IO.pipe
      parent = fork do
        worker.key_of_claims
        child = fork { IO.select(nil, nil, nil, 30) || exit!(0) }
        writer.puts([worker.key, child].join(" "))
        IO.select(nil, nil, nil, 30)
      end
      key, child = reader.gets.split.map(&:to_i)
      expect(locked?(key)).to be(true)
      Process.kill(:KILL, parent)
      Process.wait(parent)
      eventually("the lock of a killed process to be free") { !locked?(key) }
      expect(Process.kill(0, child)).to eq(1)
    ensure
      Process.kill(:KILL, child) if child
    end

    it "leaves the lock to its parent when it ends, with a key of its own before" do
      key = worker.key_of_claims
      keys = in_a_child { [worker.key_of_claims, locked?(worker.key)] }
      expect(keys.first).not_to eq(key)
      expect(keys.last).to be(true)
      GC.start
      pid = fork { GC.start && exit(0) } # with all finalizers
      Process.wait(pid)
      expect(locked?(key)).to be(true)
      expect(worker.observe).to eq([])
    end
  end

  describe "its session" do
    # @return [Array] what both ends say of keepalives and of idle sessions
    def settings(session)
      names = %w[idle_session_timeout tcp_keepalives_idle tcp_keepalives_interval tcp_keepalives_count]
      session.send(:query, "select name, boot_val, reset_val, setting from pg_settings where name = any($1)", ["{#{names.join(",")}}"])
    end

    it "is none of the pool's, has no idle timeout, and asks for keepalives on both ends" do
      allow(PG).to receive(:connect).and_call_original
      session = TaskerCore::Recovery::LockSession.open(Tasker::ApplicationRecord.connection_pool.db_config)
      expect(PG).to have_received(:connect)
        .with(hash_including(keepalives: 1, keepalives_idle: 10, keepalives_interval: 5, keepalives_count: 3))
      expect(settings(session).to_h { |name, *, setting| [name, setting] }).to include("idle_session_timeout" => "0")
      session.close
    end

    it "is refused behind a pooler, in one sentence, by the sweep, the log and the doctor" do
      proxy = DatabaseProxy.new(pooler: true)
      config = ActiveRecord::DatabaseConfigurations::HashConfig.new(
        "test", "primary", Tasker::ApplicationRecord.connection_db_config.configuration_hash.merge(proxy.settings)
      )
      open = TaskerCore::Recovery::LockSession.method(:open)
      allow(TaskerCore::Recovery::LockSession).to receive(:open) { open.unbind.bind_call(TaskerCore::Recovery::LockSession, config) }
      sentence = /\Aconfig.recovery: expected a session of the server's own \(process \d+\), got one of a pooler \(process \d+\): [^.]+\z/
      expect { TaskerCore::Recovery.sweep }.to raise_error(TaskerCore::ConfigurationError, sentence)
      pass(1)
      lines = LogRecorder.lines { expect(worker.key_of_claims).to be_nil }
      expect(lines.grep(/got one of a pooler/).size).to eq(1)
      expect(TaskerCore::Doctor::Recovery.new.findings).to contain_exactly(have_attributes(status: :fail, text: sentence))
      TaskerCore.configuration.recovery = false
      expect(TaskerCore::Doctor::Recovery.new.findings).to contain_exactly(have_attributes(status: :warn, text: /cannot be: .*pooler/))
    ensure
      proxy.close
    end

    it "is not taken for the server's where that is a replica" do
      allow_any_instance_of(TaskerCore::Recovery::LockSession).to receive(:query).and_return([[0, true]])
      allow_any_instance_of(PG::Connection).to receive(:backend_pid).and_return(0)
      expect(worker.key_of_claims).to be_nil
    end
  end

  describe "the doctor" do
    def findings = TaskerCore::Doctor::Recovery.new.findings

    it "recommends recovery where it is off, and retries where it is on without them" do
      expect(findings).to contain_exactly(have_attributes(status: :ok))
      with_repairs { expect(findings.map(&:status)).to eq(%i[ok warn]) }
      TaskerCore.configuration.recovery = false
      expect(findings).to contain_exactly(have_attributes(status: :warn, cure: /config.recovery = true/))
    end
  end

  describe "abandoned claims of a process that lives" do
    it "are recovered without a grace period, after a thread was killed amid a step",
       repairs: RepairSwitches::DEFAULT - %i[stranded_steps] do
      entered = Queue.new
      script("b") { entered.push(true) && sleep }
      task = workflow.create
      thread = run_in_thread(task)
      entered.pop
      expect(TaskerCore::Recovery.sweep).to be_nothing
      at_work = TaskerCore::Claims.open.find { |claim| claim.kind == "step" }.thread
      [at_work, thread].each(&:kill)
      eventually("the claims to be released") { TaskerCore::Claims.open.empty? }
      report = TaskerCore::Recovery.sweep
      expect(report).to have_attributes(tasks: [task.id], enqueued: [task.id], workers: [])
      failed = Tasker::WorkflowStep.find(report.steps.sole)
      expect(failed).to have_attributes(name: "b", status: "error", attempts: 1,
                                        results: include("error" => /the thread that ran it has left it/))
    end

    it "are recovered by the worker itself, and the workflow goes on", watch: true do
      entered = Queue.new
      script("b") { entered.push(true) && sleep if entered.num_waiting.positive? }
      task = workflow.create
      forget_jobs
      thread = run_in_thread(task)
      entered.pop
      [TaskerCore::Claims.open.find { |claim| claim.kind == "step" }.thread, thread].each(&:kill)
      job = eventually("a job for the task") { jobs_of(task).first }
      script("b") { nil }
      let_time_pass(task, 60)
      run_job(job)
      expect(task.status).to eq("complete")
      expect(task.get_step_by_name("b").attempts).to eq(2)
    end

    it "are the task's, too, where the run has ended by an error" do
      task = workflow.create
      allow_any_instance_of(Tasker::Orchestration::WorkflowCoordinator).to receive(:execute_workflow).and_raise(IOError, "away")
      expect { workflow.run(task) }.to raise_error(IOError)
      expect(TaskerCore::Recovery.sweep).to have_attributes(tasks: [task.id], steps: [])
    end
  end

  describe "a late end" do
    # What a worker does that finds the one with that key dead.
    def take_up(name, key)
      end_session_of(key)
      sweep_twice
      step = Tasker::WorkflowStep.where(task_id: Tasker::Task.last.id).find { |row| row.name == name }
      step.state_machine.transition_to!("pending")
      claim(step, key + 1)
    end

    it "is refused by the token when the claim was recovered meanwhile, and does not complete the next worker's claim" do
      runs = 0
      script("b") do
        runs += 1
        next if runs > 1

        # The database has lost this worker, and another one takes its work up.
        key = worker.key
        in_a_child { take_up("b", key) }
      end
      task = workflow.create
      workflow.run(task)
      step = task.get_step_by_name("b")
      expect(step).to have_attributes(status: "in_progress", attempts: 1)
      expect(step.workflow_step_transitions.where(to_state: "complete")).to be_empty
    end
  end

  describe "an end that cannot be written" do
    before { TaskerCore::Recovery::RetriedEndings.pause = 0.01 }

    after do
      TaskerCore::Recovery::RetriedEndings.pause = 1.0
      Tasker::ApplicationRecord.connection.reconnect!
    end

    def read_only(on)
      name = Tasker::ApplicationRecord.connection_db_config.database
      PG.connect(ENV.fetch("DATABASE_URL")).then do |session|
        session.exec("set default_transaction_read_only = off")
        session.exec("alter database #{name} set default_transaction_read_only = #{on}")
        session.exec(<<~SQL)
          select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        SQL
        session.close
      end
    end

    it "is written once the database takes it, with the attempt counted once" do
      looks = 0
      allow(TaskerCore::Native::QueryRunner).to receive(:read_only?).and_wrap_original do |original|
        original.call.tap { |away| read_only("off") if away && (looks += 1) == 3 }
      end
      script("b") { read_only("on") unless looks.positive? }
      task = workflow.create
      workflow.run(task)
      expect(looks).to eq(3)
      expect(task.reload || Tasker::Task.find(task.id).status).to eq("complete")
      expect(task.get_step_by_name("b")).to have_attributes(status: "complete", attempts: 1, results: { "done" => true })
    ensure
      read_only("off")
    end

    it "is given up after a minute" do
      allow(TaskerCore::Recovery::RetriedEndings).to receive(:now).and_return(0, 59, 61)
      step = make_step(make_task("in_progress"), "a")
      allow(TaskerCore::Native::QueryRunner).to receive(:read_only?).and_return(true)
      calls = 0
      TaskerCore::Claims.hold(step) do |held|
        held.sending(Time.current)
        held.moved("in_progress", 1)
        expect(TaskerCore::Recovery::RetriedEndings.of(step) { (calls += 1) && nil }).to be_nil
        held.moved("complete", 2)
      end
      expect(calls).to eq(1)
    end
  end

  describe "a job that is refused since its task is in progress" do
    let(:task) { workflow.create.tap { |made| forget_jobs && claim(made, 4_711) } }

    def refuse
      Tasker::TaskRunnerJob.new(task.id).perform(task.id)
    rescue Tasker::ProceduralError
      nil
    end

    def recovery_jobs
      ActiveJob::Base.queue_adapter.enqueued_jobs.select { |job| job[:job] == TaskerCore::RecoveryJob }
    end

    it "has one job sweep after the grace period, however many are refused" do
      before = Time.now.to_f
      3.times { refuse }
      expect(recovery_jobs.pluck(:at)).to contain_exactly(be_between(before + grace, Time.now.to_f + grace))
      pass(grace)
      refuse
      expect(recovery_jobs.size).to eq(2)
    end

    it "has none with recovery off, or where it was refused for another reason" do
      TaskerCore.configuration.recovery = false
      refuse
      TaskerCore.configuration.recovery = true
      make_history(task, "error", sort_keys: [30], flagged: nil)
      task.task_transitions.update_all(to_state: "error")
      refuse
      expect(recovery_jobs).to be_empty
    end

    it "is followed by the recovery of the task, if its worker is dead", watch: true do
      TaskerCore.configuration.recovery_grace = 0.2
      refuse
      eventually("a job for the task") { jobs_of(task).first }
      run_job(jobs_of(task).first)
      expect(Tasker::Task.find(task.id).status).to eq("complete")
    end
  end

  # @return [String] when the session that holds that lock has last begun or ended a statement
  def last_statement_of(key)
    IO.select(nil, nil, nil, 0.3)
    db = PG.connect(ENV.fetch("DATABASE_URL"))
    db.exec(<<~SQL).getvalue(0, 0)
      select state_change from pg_stat_activity join pg_locks using (pid)
      where locktype = 'advisory' and ((classid::bigint << 32) | objid::bigint) = #{key}
    SQL
  ensure
    db.close
  end

  it "sweeps when it begins, and sends nothing while it waits", watch: true do
    TaskerCore.configuration.recovery_grace = 0.2
    orphan = make_task("pending").tap { |made| claim(made, 4_712) }
    TaskerCore::Recovery.start
    eventually("the task to be pending") { Tasker::Task.find(orphan.id).status == "pending" }
    still = nil
    eventually("it to be still") { still == (still = last_statement_of(worker.key)) }
    IO.select(nil, nil, nil, 0.5)
    expect(last_statement_of(worker.key)).to eq(still)
  end

  it "is used by the recurring job and by the task of rails, with its dry run" do
    task = workflow.create.tap { |made| claim(made, 4_713) }
    TaskerCore::RecoveryJob.perform_now
    pass(grace)
    require "tasker_core/recovery/command"
    out = StringIO.new
    run = ->(env) { TaskerCore::Recovery::Command.new(env, out, out).run }
    expect(run.call("DRY_RUN" => "1")).to eq(0)
    expect(Tasker::Task.find(task.id).status).to eq("in_progress")
    expect(run.call({})).to eq(0)
    expect(Tasker::Task.find(task.id).status).to eq("pending")
    expect(out.string).to include("would recover 1 workers, 0 steps, 1 tasks", "recovered 1 workers, 0 steps, 1 tasks",
                                  "  tasks: #{task.id}")
    expect { run.call("DRY_RUN" => "perhaps") }.to raise_error(ArgumentError, 'DRY_RUN: expected on or off, got "perhaps"')
  end
end
