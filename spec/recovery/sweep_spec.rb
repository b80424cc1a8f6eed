# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Recovery do
  include Recovering
  include Forks

  before { forget_jobs }

  let(:grace) { Recovering::GRACE }
  let(:key) { SecureRandom.random_number(1 << 62) }
  let(:task) { make_task("pending").tap { |made| claim(made, key) } }
  let(:step) { make_step(task, "a", retry_limit: 3).tap { |made| claim(made, key) } }

  def state(record) = record.class.find(record.id).status

  describe ".sweep" do
    it "moves steps of a dead worker to error with one attempt more, and their task to pending, and enqueues it" do
      step
      report = sweep_twice
      expect(report).to have_attributes(workers: [key], steps: [step.id], tasks: [task.id], enqueued: [task.id], failed: [], suspects: [])
      expect(report.counts).to eq(workers: 1, steps: 1, tasks: 1, enqueued: 1, failed: 0, suspects: 0)
      failed = Tasker::WorkflowStep.find(step.id)
      expect(failed).to have_attributes(status: "error", attempts: 1, in_process: false, processed: false)
      expect(failed.results).to include("error" => "The attempt was interrupted: its worker, process #{key}, is gone")
      expect(failed.workflow_step_transitions.order(:sort_key).pluck(:to_state)).to eq(%w[in_progress error])
      expect(state(task)).to eq("pending")
      expect(jobs_of(task).size).to eq(1)
    end

    it "finds nothing more to do afterwards" do
      step
      sweep_twice
      pass(grace)
      expect(described_class.sweep).to be_nothing
      expect(jobs_of(task).size).to eq(1)
    end

    it "publishes the failure of the step, as the engine's machine does" do
      step
      published = EventRecorder.on_the_bus { sweep_twice }
      expect(published.map(&:name)).to include("step.failed")
    end

    it "logs and instruments what it has done, and is silent if that is nothing" do
      payloads = []
      note = ->(*, payload) { payloads << payload }
      lines = LogRecorder.lines do
        ActiveSupport::Notifications.subscribed(note, "recovery.tasker_core") do
          sweep_twice
          expect(payloads).to be_empty
          step
          sweep_twice
        end
      end
      expect(payloads).to contain_exactly(include(steps: [step.id], tasks: [task.id], workers: [key], dry_run: false))
      expect(lines.join).to include("recovered 1 workers, 1 steps, 1 tasks, 1 enqueued")
    end

    it "changes nothing in a dry run, and reports what there is to do" do
      step
      described_class.sweep(dry_run: true)
      pass(grace)
      report = described_class.sweep(dry_run: true)
      expect(report).to have_attributes(workers: [key], steps: [step.id], tasks: [task.id], dry_run: true)
      expect([state(step), state(task), jobs_of(task)]).to eq(["in_progress", "in_progress", []])
    end

    it "leaves the attempts as they are counted, so that the retry limit holds" do
      exhausted = make_step(task, "b", retry_limit: 1).tap { |made| claim(made, key) }
      sweep_twice
      run_job(jobs_of(task).first) rescue nil # rubocop:disable Style/RescueModifier -- there is no handler for it
      readiness = Tasker::StepReadinessStatus.for_task(task.id, [exhausted.id]).first
      expect(readiness).to have_attributes(attempts: 1, retry_eligible: false, ready_for_execution: false)
    end

    it "keeps results of the step that are there already, whatever they are" do
      hash = make_step(task, "b", results: { "so" => "far" }).tap { |made| claim(made, key) }
      list = make_step(task, "c", results: [1]).tap { |made| claim(made, key) }
      sweep_twice
      expect(Tasker::WorkflowStep.find(hash.id).results).to include("so" => "far", "error" => /interrupted/)
      expect(Tasker::WorkflowStep.find(list.id).results).to include("results" => [1], "error" => /interrupted/)
    end

    it "refuses where the gem is off" do
      expect { TaskerCore.without { described_class.sweep } }.to raise_error(TaskerCore::ConfigurationError, /expected the gem to be on/)
    end
  end

  describe "a worker" do
    it "is not dead by one observation" do
      step
      expect(described_class.sweep).to have_attributes(workers: [], suspects: [key])
      pass(grace - 0.001)
      expect(described_class.sweep).to have_attributes(workers: [], suspects: [key])
      expect(state(step)).to eq("in_progress")
    end

    it "is not dead while it holds its lock" do
      step
      session = hold_lock(key)
      expect(sweep_twice).to have_attributes(workers: [], suspects: [], steps: [])
      session.close
      eventually("its lock to be free") { !locked?(key) }
      expect(sweep_twice.steps).to eq([step.id])
    end

    it "is no suspect any more if it holds its lock again in between" do
      step
      described_class.sweep
      session = hold_lock(key)
      pass(grace)
      described_class.sweep
      session.close
      eventually("its lock to be free") { !locked?(key) }
      expect(described_class.sweep).to have_attributes(workers: [], suspects: [key])
      expect(state(step)).to eq("in_progress")
    end

    it "is observed from anew if the session of the observer was lost, as in a failover" do
      step
      described_class.sweep
      worker.lost
      pass(grace)
      expect(described_class.sweep).to have_attributes(workers: [], suspects: [key])
      pass(grace)
      expect(described_class.sweep.workers).to eq([key])
    end

    it "is left alone if it takes its lock again before the transaction that ends its claims" do
      step
      described_class.sweep
      pass(grace)
      session = nil
      allow(TaskerCore::Native::Conversation).to receive(:claims_of_dead_worker).and_wrap_original do |original, *arguments|
        session = hold_lock(key)
        original.call(*arguments)
      end
      expect(described_class.sweep).to have_attributes(workers: [], steps: [], tasks: [])
      expect(state(step)).to eq("in_progress")
      session.close
    end

    it "is not observed on a replica, which shows no locks" do
      step
      connection = Tasker::ApplicationRecord.connection
      connection.execute("create schema replica")
      connection.execute("create function replica.pg_is_in_recovery() returns boolean language sql as 'select true'")
      described_class.sweep
      worker.session.send(:query, "set search_path = replica, pg_catalog, public", [])
      pass(grace)
      expect(described_class.sweep).to have_attributes(workers: [], suspects: [])
      expect(state(step)).to eq("in_progress")
    ensure
      connection.execute("drop schema replica cascade")
    end

    it "does not see itself, though it would get its own lock" do
      mine = worker.key_of_claims
      expect(locked?(mine)).to be(true)
      expect(worker.session.lock(mine)).to be(true)
      step.workflow_step_transitions.update_all(metadata: { "tasker_core" => { "worker" => mine.to_s } })
      at_work = step
      TaskerCore::Claims.hold(at_work) do |held|
        held.sending(Time.current)
        report = sweep_twice
        expect([report.steps, report.suspects + report.workers]).to eq([[], [key]])
        held.moved("complete", 0)
      end
      expect(state(step)).to eq("in_progress")
    end
  end

  describe "claims without a key" do
    it "are never touched" do
      others = make_task("pending").tap { |made| claim(made, nil) }
      theirs = make_step(others, "a").tap { |made| claim(made, nil) }
      expect(sweep_twice).to be_nothing
      expect([state(others), state(theirs)]).to eq(%w[in_progress in_progress])
    end

    it "keep a task in progress whose worker is dead" do
      step
      theirs = make_step(task, "b").tap { |made| claim(made, nil) }
      expect(sweep_twice).to have_attributes(steps: [step.id], tasks: [])
      expect([state(task), state(theirs)]).to eq(%w[in_progress in_progress])
      theirs.state_machine.transition_to!("complete")
      pass(grace)
      expect(described_class.sweep.tasks).to eq([task.id])
    end
  end

  describe "a task in progress" do
    it "stays so while a step is claimed by another worker, and is pending once that is dead, too" do
      step
      session = hold_lock(key + 2)
      other = make_step(task, "b").tap { |made| claim(made, key + 2) }
      expect(sweep_twice).to have_attributes(steps: [step.id], tasks: [])
      session.close
      eventually("its lock to be free") { !locked?(key + 2) }
      report = sweep_twice
      expect([report.steps, state(task)]).to eq([[other.id], "in_progress"])
      pass(grace)
      expect(described_class.sweep.tasks).to eq([task.id])
    end

    it "is left to a worker that lives, if only a step of it was claimed by a dead one" do
      session = hold_lock(key + 3)
      shared = make_task("pending").tap { |made| claim(made, key + 3) }
      orphan = make_step(shared, "a").tap { |made| claim(made, key) }
      expect(sweep_twice).to have_attributes(steps: [orphan.id], tasks: [], enqueued: [])
      expect(state(shared)).to eq("in_progress")
      session.close
    end
  end

  it "enqueues a pending task of a recovered step, and leaves ended ones as they are" do
    tasks = %w[pending complete cancelled error].to_h { |ended| [ended, make_task("in_progress", ended)] }
    steps = tasks.values.map { |made| make_step(made, "a").tap { |row| claim(row, key) } }
    report = sweep_twice
    expect(report).to have_attributes(steps: steps.map(&:id), tasks: [], enqueued: [tasks["pending"].id])
    expect(tasks.values.map { |made| state(made) }).to eq(tasks.keys)
  end

  it "leaves a claim alone that has ended meanwhile, and one that was taken since" do
    gone = make_step(task, "b").tap { |made| claim(made, key) }
    described_class.sweep
    pass(grace)
    allow(TaskerCore::Native::Conversation).to receive(:claims_of_dead_worker).and_wrap_original do |original, *arguments|
      original.call(*arguments).tap do
        allow(TaskerCore::Native::QueryRunner).to receive(:run).and_wrap_original do |converse, *rest|
          converse.call(*rest).tap { |answer| claim(gone, key + 9) if answer.is_a?(Array) && answer.first.is_a?(Array) }
        end
      end
    end
    expect(described_class.sweep.steps).to be_empty
    expect(Tasker::WorkflowStep.find(gone.id)).to have_attributes(status: "in_progress", attempts: 0)
  end

  it "ends each claim once when several processes sweep at the same moment" do
    steps = Array.new(5) { |index| make_step(make_task("in_progress"), "a").tap { |made| claim(made, key + index) } }
    ended = in_processes(4) { sweep_twice.steps }
    expect(ended.flatten).to match_array(steps.map(&:id))
    expect(Tasker::WorkflowStep.where(workflow_step_id: steps.map(&:id)).pluck(:attempts)).to eq([1] * 5)
  end

  it "goes on with the other claims if one of them cannot be ended" do
    step
    broken = make_step(task, "b").tap { |made| claim(made, key) }
    allow_any_instance_of(Tasker::WorkflowStep).to receive(:save!).and_wrap_original do |original, *arguments, **options|
      raise "no, not this one" if original.receiver.id == broken.id

      original.call(*arguments, **options)
    end
    report = sweep_twice
    expect(report).to have_attributes(steps: [step.id], failed: ["step #{broken.id}: RuntimeError: no, not this one"])
    expect(Tasker::WorkflowStep.find(broken.id)).to have_attributes(status: "in_progress", attempts: 0)
  end

  describe "jobs" do
    it "are enqueued after the commit, when others can see that the task is pending" do
      step
      seen = nil
      note = lambda do |*|
        seen = PG.connect(ENV.fetch("DATABASE_URL")).then do |session|
          query = "select to_state from tasker_task_transitions where most_recent and task_id = #{task.id}"
          session.exec(query).getvalue(0, 0).tap { session.close }
        end
      end
      ActiveSupport::Notifications.subscribed(note, "enqueue.active_job") { sweep_twice }
      expect(seen).to eq("pending")
    end

    it "that the queue refuses are made again by a later sweep, when the noted one is overdue" do
      step
      refusing = true
      allow(ActiveJob::Base.queue_adapter).to receive(:enqueue).and_wrap_original do |original, job|
        refusing ? raise(ActiveJob::EnqueueError, "the queue is full") : original.call(job)
      end
      reason = "ActiveJob::EnqueueError: the queue is full"
      expect(sweep_twice).to have_attributes(tasks: [task.id], enqueued: [], failed: ["job of task #{task.id}: #{reason}"])
      refusing = false
      make_step(task, "b")
      expect(described_class.sweep.enqueued).to be_empty
      age_note(task, (grace * 10) + 1)
      expect(described_class.sweep.enqueued).to eq([task.id])
    end

    it "that a callback stops count as refused" do
      step
      Tasker::TaskRunnerJob.before_enqueue(:abort_of_the_spec)
      Tasker::TaskRunnerJob.define_method(:abort_of_the_spec) { throw :abort }
      reason = "the queue does not take a job and does not say why"
      expect(sweep_twice).to have_attributes(tasks: [task.id], enqueued: [], failed: ["job of task #{task.id}: #{reason}"])
    ensure
      Tasker::TaskRunnerJob.skip_callback(:enqueue, :before, :abort_of_the_spec)
      Tasker::TaskRunnerJob.remove_method(:abort_of_the_spec)
    end

    def age_note(task, seconds)
      Tasker::TaskTransition.where(task_id: task.id, most_recent: true).update_all(
        ["metadata = jsonb_set(metadata, '{resumption,at}', to_jsonb(?::text))", seconds.seconds.ago.iso8601(6)]
      )
    end

    it "are made for tasks that are pending and have none, never started ones included, and are not made twice" do
      old = 1.hour.ago
      paused, fresh = Array.new(2) { make_task("in_progress").tap { |made| make_step(made, "a") } }
      paused.task_transitions.update_all(to_state: "pending", created_at: old)
      fresh.task_transitions.delete_all
      Tasker::Task.where(task_id: fresh.id).update_all(created_at: old)
      expect(described_class.sweep.enqueued).to contain_exactly(paused.id, fresh.id)
      expect(described_class.sweep.enqueued).to be_empty
      expect([state(paused), state(fresh)]).to eq(%w[pending pending])
      [paused, fresh].each { |made| age_note(made, 301) }
      expect(described_class.sweep.enqueued).to contain_exactly(paused.id, fresh.id)
      [paused, fresh].each { |made| age_note(made, 301) } # the second one is given twice the time
      expect(described_class.sweep.enqueued).to be_empty
    end

    it "come later for a task that was recovered again and again" do
      waits = Array.new(3) do
        task.task_transitions.reload
        claim(task, key)
        forget_jobs
        sweep_twice
        waits_of(task).sole
      end
      expect(waits.map(&:round)).to eq([0, 4, 8])
      make_step(task, "b", "complete")
      task.task_transitions.reload
      claim(task, key)
      forget_jobs
      sweep_twice
      expect(waits_of(task)).to eq([0.0])
    end
  end
end
