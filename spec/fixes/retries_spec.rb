# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::Retries do
  # A loop that goes round for ever is caught by the handler that it asks for the steps in each round.
  endless = Class.new(StandardError)
  hooks = Module.new do
    define_method(:get_sequence) do |task|
      @rounds = (@rounds || 0) + 1
      raise endless, "#{@rounds} rounds" if @rounds > 40

      super(task)
    end
  end

  # Step `a` fails so many times and then succeeds.
  let(:failures) { 2 }
  let(:attempts) { Concurrent::AtomicFixnum.new }
  let(:workflow) do
    script = { "a" => ->(*) { attempts.increment > failures ? { "well" => true } : raise("not yet") } }
    ScriptedWorkflow.new("retries_#{SecureRandom.hex(4)}", script, hooks:, retry_limit: 12)
  end
  let(:task) { create.tap { forget_jobs } }
  let(:step) { task.workflow_steps.joins(:named_step).find_by!(named_step: { name: "a" }) }

  before { forget_jobs }

  # A task in progress, with nothing but a step that waits for its next attempt.
  def make_waiting_task
    make_task("in_progress").tap { |made| make_step(made, "a", "in_progress", "error", attempts: 5, retry_limit: 9) }
  end

  # Its first step has failed before, so the next wait is the longest, and no machine is too slow for it.
  def create
    workflow.create.tap { |made| Tasker::WorkflowStep.where(task_id: made.task_id).update_all(attempts: 4) }
  end

  # Runs the jobs of a task as they come due.
  # @return [Integer] how many there were
  def run_jobs_of(task)
    (1..).each do |count|
      job = jobs_of(task).first
      return count - 1 if job.nil?

      run_job(job)
      let_time_pass(task, 60)
    end
  end

  def run
    workflow.run(Tasker::Task.find(task.task_id))
  end

  def state_of(owner) = owner.class.find(owner.id).status

  def history(owner)
    owner.class.find(owner.id).then { |row| row.try(:task_transitions) || row.workflow_step_transitions }.order(:sort_key).pluck(:to_state)
  end

  shared_examples "the engine" do
    it "leaves a task pending whose step waits, and no job for it" do
      run
      expect([state_of(step), state_of(task), jobs_of(task).size]).to eq(["error", "pending", 0])
    end

    it "leaves a task in progress for a job that must refuse it" do
      waiting = make_waiting_task
      Tasker::Orchestration::TaskFinalizer.new.finalize_task(waiting.task_id)
      expect([state_of(waiting), jobs_of(waiting).size]).to eq(["in_progress", 1])
    end

    it "does not complete a task that a job has begun" do
      made = create
      expect { run_jobs_of(made) }.to raise_error(Tasker::ProceduralError, /task is not pending/)
      expect([attempts.value, state_of(made)]).to eq([1, "in_progress"])
    end

    it "goes round and round once the wait is over, and never tries again" do
      run
      let_time_pass(task, 60)
      expect { run }.to raise_error(endless)
      expect([state_of(step), attempts.value]).to eq(["error", 1])
    end

    it "goes round and round with a step that cannot be claimed" do
      allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:publish_execution_started_event).and_raise("no")
      expect { run }.to raise_error(endless)
      expect(attempts.value).to eq(0)
    end

    it "leaves a task in progress whose step became ready after the loop had asked" do
      run
      finalizer = Tasker::Orchestration::TaskFinalizer
      allow_any_instance_of(finalizer).to receive(:finalize_task_with_steps).and_wrap_original do |original, *arguments|
        let_time_pass(task, 60)
        original.call(*arguments)
      end
      run
      expect([state_of(task), jobs_of(task).size]).to eq(["in_progress", 0])
    end
  end

  it_is_the_engine_without :retries

  context "with the fix on", repairs: %i[retries] do
    it "tries a failed step again in a run that begins after its wait" do
      run
      let_time_pass(task, 60)
      run
      let_time_pass(task, 60)
      run
      expect([state_of(task), attempts.value]).to eq(["complete", 3])
      expect(history(step)).to eq(%w[in_progress error pending in_progress error pending in_progress complete])
      expect(Tasker::WorkflowStep.find(step.id)).to have_attributes(attempts: 7, results: { "well" => true }, processed: true)
    end

    it "moves it as the engine's own machine does, with its events" do
      run
      let_time_pass(task, 60)
      events = EventRecorder.on_the_bus { run }.select { |event| event.payload[:step_id] == step.id }.map(&:name)
      expect(events.first(3)).to eq(%w[step.initialize_requested step.execution_requested step.execution_requested])
    end

    it "tries again within a loop that is still at work" do
      allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:publish_step_failed) { let_time_pass(task, 60) }
      run
      expect([state_of(task), attempts.value]).to eq(["complete", 3])
    end

    it "leaves a step alone whose wait is not over, or that has no attempt left" do
      executor = Tasker::Orchestration::StepExecutor.new
      [{ attempts: 5, retry_limit: 9 }, { attempts: 9, retry_limit: 9 }].each do |columns|
        waiting = make_step(make_task("in_progress"), "a", "in_progress", "error", **columns)
        let_time_pass(waiting.task, 60) if columns[:attempts] == 9
        expect(executor.execute_single_step(waiting.task, nil, waiting, nil)).to be_nil
        expect(history(waiting)).to eq(%w[in_progress error])
      end
    end

    it "has one winner of many who want to try again" do
      tasks = Array.new(10) { make_task("in_progress") }
      failed = tasks.map { |owner| make_step(owner, "a", "in_progress", "error", attempts: 1).tap { let_time_pass(owner, 60) } }
      worker = Struct.new(:calls) { def handle(*) = calls.increment }.new(Concurrent::AtomicFixnum.new)
      outcomes = with_repairs(:retries, :race_loser) do
        handler = Struct.new(:worker) { def get_step_handler(_step) = worker }.new(worker)
        Race.new(4).run(failed.map(&:id)) do |id, _lane|
          found = Tasker::WorkflowStep.find(id)
          Tasker::Orchestration::StepExecutor.new.execute_single_step(found.task, nil, found, handler)
        end
      end
      expect(worker.calls.value).to eq(10)
      expect(outcomes.map { |lanes| lanes.count(&:value) }).to all(eq(1))
      failed.each { |row| expect(history(row)).to eq(%w[in_progress error pending in_progress complete]) }
    end

    describe "the job that runs the task again", repairs: %i[retries task_runner_job] do
      it "is due when the step is" do
        run
        expect(state_of(task)).to eq("pending")
        expect(waits_of(task)).to contain_exactly(be_between(10, 30))
      end

      it "is due when the longer of two waits is over" do
        run
        Tasker::WorkflowStep.where(workflow_step_id: step.id).update_all(backoff_request_seconds: 600)
        forget_jobs
        Tasker::TaskTransition.where(task_id: task.task_id).update_all(metadata: {})
        run
        expect(waits_of(task)).to contain_exactly(be_between(500, 600))
      end

      it "completes the task with its successors" do
        run
        let_time_pass(task, 60)
        expect([run_jobs_of(task), state_of(task), attempts.value]).to eq([2, "complete", 3])
      end

      it "completes the task that a job has begun" do
        made = create
        expect([run_jobs_of(made), state_of(made), attempts.value]).to eq([3, "complete", 3])
      end

      it "is enqueued once, however often the task runs meanwhile" do
        4.times { run }
        expect(jobs_of(task).size).to eq(1)
        expect(attempts.value).to eq(1)
      end

      it "makes the next one if it comes before its time" do
        run
        run_job(jobs_of(task).sole)
        expect(jobs_of(task).size).to eq(1)
        expect(attempts.value).to eq(1)
      end

      it "is replaced when it is overdue and the task runs" do
        run
        forget_jobs
        travel(1.hour) { run }
        expect(jobs_of(task).size).to eq(1)
      end

      it "is not made for a task that time alone does not help" do
        Tasker::WorkflowStep.where(workflow_step_id: step.id).update_all(retryable: false)
        run
        expect([state_of(task), jobs_of(task).size]).to eq(["pending", 0])
      end

      it "is not made for a task that has failed for good" do
        Tasker::WorkflowStep.where(workflow_step_id: step.id).update_all(retry_limit: 5)
        run
        expect([state_of(task), jobs_of(task).size]).to eq(["error", 0])
      end

      it "is made by the coordinator's own strategy" do
        strategy = Class.new do
          class << self
            attr_accessor :asked
          end

          def reenqueue_task_delayed(task, delay_seconds:, reason:)
            self.class.asked = [task.task_id, delay_seconds, reason]
          end
        end
        handler = workflow.handler
        handler.reenqueuer_strategy = strategy
        handler.handle(Tasker::Task.find(task.task_id))
        expect(strategy.asked).to match([task.task_id, be_between(10, 30), "retry_backoff"])
        expect(jobs_of(task)).to be_empty
      end

      it "finds a task pending that was finalized from elsewhere" do
        waiting = make_waiting_task
        Tasker::Orchestration::TaskFinalizer.new.finalize_task(waiting.task_id)
        expect([state_of(waiting), jobs_of(waiting).size]).to eq(["pending", 1])
      end

      it "is done without where the queue cannot wait" do
        allow(ActiveJob::Base.queue_adapter).to receive(:enqueue_at).and_raise(NotImplementedError, "cannot wait")
        lines = LogRecorder.lines { run }
        expect(lines.join).to include("repair retries: task #{task.task_id} stays pending: cannot wait")
        expect(state_of(task)).to eq("pending")
      end
    end

    # What an application has that has set nothing: from the first attempt on, with the real waits of two and four seconds.
    it "completes a task whose step fails twice, within three attempts and with all default fixes", repairs: RepairSwitches::DEFAULT do
      workflow = ScriptedWorkflow.new("retries_by_default", { "a" => ->(*) { attempts.increment > 2 ? {} : raise("not yet") } },
                                      retry_limit: 3)
      TaskerCore.reset_stats
      made = workflow.create
      expect(run_jobs_of(made)).to be_between(1, 3) # a loop that takes longer than the wait tries again by itself
      failing = made.workflow_steps.joins(:named_step).find_by!(named_step: { name: "a" })
      expect([state_of(made), attempts.value, failing.attempts]).to eq(["complete", 3, 3])
      expect(history(failing)).to eq(%w[in_progress error pending in_progress error pending in_progress complete])
      expect(answers_given.values.sum { |counts| counts[:engine] }).to eq(0)
    end

    describe "a loop that gets nowhere" do
      # The step cannot be claimed, and nothing of that is left on it.
      before do
        allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:publish_execution_started_event).and_raise("no")
      end

      it "ends, and the task comes back after a while" do
        run
        expect([state_of(step), state_of(task), attempts.value]).to eq(["pending", "pending", 0])
        expect(waits_of(task)).to contain_exactly(be_between(10, 30))
      end
    end

    describe "a loop whose claims the database refuses for now" do
      let(:refusals) { Concurrent::AtomicFixnum.new }

      def refused(cause) = raise(ActiveRecord::StatementInvalid, "refused", cause:)

      # @yield what the first claims of a step meet, and the notes of their failure
      def refuse(times)
        meet = ->(state) { yield if (state == "in_progress" ? refusals.increment : refusals.value).between?(1, times) }
        allow(TaskerCore::Native::Conversation).to receive(:transition_to).and_wrap_original do |original, *arguments|
          meet.call(arguments[3].first) if arguments[1] == "step"
          original.call(*arguments)
        end
        allow(TaskerCore::Native::Conversation).to receive(:finish_step).and_wrap_original do |original, *arguments|
          meet.call("error")
          original.call(*arguments)
        end
      end

      before { allow_any_instance_of(described_class::Rounds).to receive(:pause) }

      {
        "is read-only" => -> { raise PG::ReadOnlySqlTransaction, "cannot execute INSERT in a read-only transaction" },
        "has gone" => -> { raise ActiveRecord::ConnectionFailed, "server closed the connection" },
        "has the id already" => -> { raise ActiveRecord::RecordNotUnique, "duplicate key" },
        "chose it in a deadlock" => -> { raise ActiveRecord::Deadlocked, "deadlock detected" }
      }.each do |words, refusal|
        it "goes on until they are taken where the server #{words}" do
          refuse(5) do
            refusal.call
          rescue PG::Error => e
            refused(e)
          end
          run
          expect([attempts.value, state_of(step)]).to eq([1, "error"]) # the handler's own failure
        end
      end

      it "ends after a while where they are not" do
        second = 0
        allow_any_instance_of(described_class::Rounds).to receive(:now) { second += 1 }
        refuse(1_000) { raise ActiveRecord::LockWaitTimeout, "lock timeout" }
        run
        expect([state_of(step), state_of(task), attempts.value]).to eq(["pending", "pending", 0])
        expect(refusals.value).to be_between(3, 15)
        expect(waits_of(task)).to contain_exactly(be_between(10, 30))
      end

      it "ends at once where time does not help" do
        refuse(1_000) { raise ActiveRecord::NotNullViolation, "null value" }
        run
        expect([state_of(task), refusals.value]).to eq(["pending", 1])
      end
    end

    it "takes up at once what became ready after the loop had asked" do
      finalizer = Tasker::Orchestration::TaskFinalizer
      run
      forget_jobs
      Tasker::TaskTransition.where(task_id: task.task_id).update_all(metadata: {})
      allow_any_instance_of(finalizer).to receive(:finalize_task_with_steps).and_wrap_original do |original, *arguments|
        let_time_pass(task, 60)
        original.call(*arguments)
      end
      run
      expect(state_of(task)).to eq("pending")
      expect(waits_of(task)).to eq([0.0])
    end
  end
end
