# frozen_string_literal: true

require_relative "columns"
require_relative "start"
require_relative "waves"

module TaskerCore
  module WorkflowRun
    # The run of one task: from its start to its end.
    class Runner
      LABEL = "WorkflowStepTransition Create"
      # As often a statement is sent again that PostgreSQL has ended for the sake of another session.
      MAX_LOST_RACES = 16
      private_constant :LABEL, :MAX_LOST_RACES

      # @return [Tasker::Task] the caller's own object, which all handlers are given
      attr_reader :task

      # @return [Tasker::Orchestration::StepExecutor]
      attr_reader :executor

      # @param task_handler [Tasker::TaskHandler]
      # @param task [Tasker::Task]
      # @param run [Run]
      def initialize(task_handler, task, run)
        @task_handler = task_handler
        @task = task
        @run = run
        @coordinator = task_handler.send(:workflow_coordinator)
        @executor = task_handler.send(:step_executor)
        @processed = []
        @expectations = []
      end

      # Starts the task.
      # @return [Boolean] whether it is in progress by this run; otherwise nothing was written
      def start
        @ids = sequence_ids
        return false if @ids.nil? || Stock::RowTriggers.on?(Stock::RowTriggers::OF_STEP | Stock::RowTriggers::OF_TASK)

        @run.keep_all_rows(wanted: false) # nobody has read a sequence yet
        start = Start.new(@task, @run, @executor)
        started = start.call { |question| ask(question) }
        @native = start.native
        @request = start.request
        @at = start.next_at
        started
      end

      # Executes the steps, and ends the task.
      # @return [Object] what the engine's coordinator returns
      def finish
        return @coordinator.execute_workflow(@task, @task_handler) unless @request

        Compatibility.record(@task.task_id, @task_handler, @coordinator, native: true, core_loop: true)
        @run.verdicts[Compatibility] = true
        @waves = Waves.new(@native, @task.task_id, @ids.size, @coordinator, @executor)
        @waves.begin
        coordinated { in_rounds { drive == :left ? go_on_by_the_engine : nothing_ready } }
      ensure
        settle
      end

      private

      def sequence_ids
        StepSequence.new(Tasker::WorkflowStep, @task, @task_handler.step_templates, Override["WorkflowStep.get_steps_for_task"]).known_ids
      end

      # Those of the engine's rounds.
      def in_rounds(&)
        rounds = Fixes::Retries::Rounds
        rounds.of(Fix.on?(:retries) ? rounds.new : nil, &)
      end

      # The rest of the rounds, as they are there.
      def go_on_by_the_engine
        @run.unsettle
        iteration = @native.waves
        iteration += 1 until @coordinator.send(:execute_workflow_iteration, @task, @task_handler, @processed, iteration)
        end_task
      end

      # As the engine's coordinator does around a workflow.
      def coordinated(&)
        id = @coordinator.correlation_id
        @coordinator.with_correlation_id(id, &)
      rescue StandardError => e
        @coordinator.log_exception(e, context: { task_id: @task.task_id, operation: "workflow_execution", correlation_id: id })
        raise
      end

      # Nobody ends this thread between a claim and the begin of its step.
      # @return [Symbol] `:nothing_ready`, or `:left` where the engine's loop has to go on
      def drive
        Thread.handle_interrupt(Object => :never) do
          loop do
            case @request
            in [:query, question]
              return :left unless claim(question)
            in [:execute, executions]
              return :left unless execute(executions)
            in [:done, _]
              return :nothing_ready
            end
          end
        end
      end

      # Whoever waits for a lock must be interruptible, and who listens is told of what comes next by the engine.
      # @return [Boolean] whether the run can go on
      def claim(question)
        return false if @native.claims_wait? || Frames::Quiet.run(@coordinator).nil? || !Claims.of(@task).mark_stands?

        settle
        @waves.look
        @expectations << Claims.expect(@task.task_id)
        claimed(@at) { @native.resume(ask(question), micros(now)) }
      end

      # @param instant [Time, nil] that claims record which the request is about
      # @yieldreturn [Array] the next request
      # @return [Boolean] whether the run can go on
      def claimed(instant)
        @claimed_at = instant
        @request = yield
        true
      rescue StandardError => e
        adopt(e)
        false
      end

      # Steps that were claimed though the answer was lost are executed; what comes after them is found by the engine's loop. An error of
      # the application fails them, as it does in the engine.
      def adopt(error)
        Rails.logger.error("tasker-core: the run of task #{@task.task_id} is left to the engine's loop: #{error.class}: #{error.message}")
        found = Transitions::LostResponse.possible?(error) ? Transitions::LostResponse.claims(@task.task_id, @claimed_at) : []
        return if found.empty?

        found.map(&:first).each { |step_id| Transitions::LostResponse.note("step", step_id, "in_progress", error) }
        ours = Transitions::LostResponse.disconnected?(error) || error.is_a?(InternalError)
        run_batch(adopted(found, (error unless ours)))
      end

      # @return [Boolean] whether the run can go on
      def execute(executions)
        attempts = attempts(executions) or return false
        batch = @waves.batch { run_batch(attempts) }
        Override["WorkflowStep.get_viable_steps"].answered
        Rails.logger.debug { "ViableStepDiscovery: Found #{@native.ready.size} viable steps for task #{@task.task_id}" }
        ends = batch.ends
        @expectations.concat(batch.expectations)
        ends.all? && claimed(batch.ended_at) { @native.ended(ends, micros(now)) }
      end

      # All claims that there may be are listed one by one, or there are none.
      def settle
        @expectations.each { |expectation| Claims.settle(expectation) }.clear
      end

      # @return [Batch] whose steps are not waited for any more
      def run_batch(attempts)
        batch = Batch.new(attempts)
        @processed.concat(batch.execute(@executor, @task, @sequence, @task_handler))
        waited = true
        batch
      ensure
        detach(batch) unless waited
      end

      # This thread ends, or its run: what is executed goes on without it. A successor that is being claimed is executed, too.
      def detach(batch)
        ends = batch.ends
        @expectations.concat(batch.expectations)
        @claimed_at = batch.ended_at
        kind, executions = @native.ended(ends, micros(now)) if ends.all?
        return unless kind == :execute

        executions.each(&:keep_to_itself)
        attempts(executions)&.each { |attempt| attempt.start_again(@executor, [@task, @sequence, @task_handler]) }
      end

      # @return [Array<Attempt>, nil] nil if the steps cannot be executed
      def attempts(executions)
        steps = prepared(@run.claimed(executions)) { |records| executions.map { |execution| step(execution.step_id, records) } }
        executions.zip(steps).map { |execution, step| Attempt.new(execution, step, @claimed_at) }
      rescue StandardError => e
        executions.each { |execution| Attempt.refuse(execution, e) }
        nil
      ensure
        settle
      end

      # @param error [StandardError, nil] with which they are to fail
      def adopted(claims, error)
        prepared(@run.look_at(@task.task_id, claims.map(&:first))) do |records|
          @run.unsettle # what was read of the task shows the claims
          adopted = claims.map do |step_id, token|
            @run.learn("step", step_id, "pending")
            Attempt.new(Attempt::Adopted.new(step_id, token, error), step(step_id, records), @claimed_at)
          end
          settle
          adopted
        end
      end

      def prepared(records)
        @task.reload
        @run.definitions.equip(@task)
        @sequence = Frames::Sequences.of(@run, @ids, records, @task_handler.step_templates)
        yield records
      end

      def step(id, records)
        Records::NamedSteps.attach(records.steps([id]), @run).first.tap do |step|
          step.instance_variable_set(Frames::MARK, Frames::Baggage.new(run: @run, mode: Switch.here))
          @run.expect(id, records)
        end
      end

      # A look at everything shows steps that could not be claimed, and those that others have made ready beyond what the core has tracked.
      def nothing_ready
        @run.unsettle
        survey = @run.survey(@task.task_id)
        ready = survey&.ready
        if ready.present?
          leave_to_the_other_worker(ready.first)
          return go_on_by_the_engine unless @request.last[:ready]

          Fixes::Retries::Rounds.current&.stuck
        end
        @waves.over(blocked: survey&.execution_status == Tasker::Constants::TaskExecution::ExecutionStatus::BLOCKED_BY_FAILURES)
        end_task
      end

      def leave_to_the_other_worker(step_id)
        claim = Claims.of(@task)
        return if claim.stands?

        Rails.logger.warn("tasker-core: step #{step_id} is left to the worker that has claimed task #{@task.task_id} since")
        claim.lose
        throw claim
      end

      def end_task
        @coordinator.send(:finalize_task_with_logging, @task, @task_handler.get_sequence(@task), @processed, @task_handler)
      end

      def ask(question)
        races = 0
        begin
          Native::QueryRunner.rows(question, LABEL)
        rescue ActiveRecord::TransactionRollbackError
          races += 1
          races < MAX_LOST_RACES ? retry : raise
        end
      end

      def now
        @at = Time.now
      end

      def micros(time)
        Native::TimestampCodec.to_micros(time)
      end
    end
  end
end
