# frozen_string_literal: true

module TaskerCore
  # The end of a step's attempt: its row and its transition in one statement, where the engine saves the one and performs the other.
  class StepEnding
    # What is written in each case. Whatever else a handler leaves changed on a step is saved by the engine's own code.
    WRITTEN = {
      "complete" => %w[attempts in_process last_attempted_at processed processed_at results],
      "error" => %w[attempts in_process last_attempted_at processed results]
    }.freeze
    private_constant :WRITTEN

    # @param executor [Tasker::Orchestration::StepExecutor]
    # @param step [Tasker::WorkflowStep]
    # @param override [Override] on whose behalf
    def initialize(executor, step, override)
      @executor = executor
      @step = step
      @override = override
    end

    # The handler has succeeded; this attempt is not counted on the step yet.
    # @return [Array, nil] nil if nothing was done
    def complete
      now = Time.zone.now
      changes = { attempts: (@step.attempts || 0) + 1, last_attempted_at: now, processed: true, processed_at: now }
      finish("complete", { in_process: false, **changes })
    end

    # The handler has failed; this attempt and its error are on the step already.
    #
    # @param apart [Boolean] whether subscribers are told of it after its transaction, so that they cannot spoil that
    # @return [Array, nil] nil if nothing was done
    def fail(apart: false)
      @apart = apart
      return unless @step.is_a?(Tasker::WorkflowStep) && @step.attempts && @step.last_attempted_at

      finish("error", { in_process: false, processed: false })
    end

    private

    # The engine sets the same on the step and saves it; where nothing could be done, the step is as it was before.
    def finish(to_state, changes)
      return unless feasible?(to_state)

      before = changes.keys.index_with { |name| @step.public_send(name) }
      @step.assign_attributes(changes)
      @changed = @step.changed
      recorded = written(to_state) if (@changed - writable(to_state)).empty?
      recorded ? claim&.moved(to_state, recorded.first) : @step.assign_attributes(before)
      recorded
    end

    def writable(to_state)
      WorkflowRun::Attempt.of(@step)&.ends_alone? ? WorkflowRun::Columns::WRITTEN : WRITTEN[to_state]
    end

    # Who is told of it finds the transaction open in which it happens.
    def written(to_state)
      if @apart || !Transitions::Transition.observed?(@step.state_machine, to_state)
        return Native::QueryRunner.with_savepoint do
          write(to_state)
        end
      end

      recovered(to_state) { Native::QueryRunner.transaction { write(to_state) } }
    rescue ActiveRecord::StatementInvalid => e
      log_failure(to_state, e) if @moved
      raise
    end

    # A step with methods of its own is somebody's double, whose methods want to be called.
    def feasible?(to_state)
      @step.is_a?(Tasker::WorkflowStep) && @step.persisted? && @step.singleton_methods(false).empty? && savable_alone? &&
        Stock::EngineCode.stock?(@executor, :safe_transition_to) && Transitions::Transition.only_heard?(@step.state_machine, to_state) &&
        !Stock::RowTriggers.on?(Stock::RowTriggers::OF_STEP)
    end

    # Whether saving it would neither be refused nor have something else done.
    def savable_alone?
      Stock::Models.stock?(@step.class) && !@step.readonly? && Stock::PendingRecords.none?(@step)
    end

    # @return [Array, nil] the new transition's id and sort key
    def write(to_state)
      now = @at = Time.zone.now
      recorded = recovered(to_state) { written_now(to_state, now) }
      return if recorded.nil?

      @moved = true
      Run.current&.held(@step.workflow_step_id)&.outdated unless @changed.include?("results")
      log_move(to_state)
      @step.updated_at = now
      Native::QueryRunner.mark_saved(@step)
      Transitions::Transition.announce(@step.state_machine, "in_progress", to_state, [*recorded, now])
      recorded
    end

    # Where the run has claimed the step, its end may claim the next one.
    def written_now(to_state, now)
      attempt = WorkflowRun::Attempt.of(@step)
      return attempt.finish(@override, to_state, columns, now) if attempt&.ends_alone?

      Native::QueryRunner.run_change(conversation(to_state, now), "WorkflowStep Update")
    end

    def columns
      WorkflowRun::Columns.json(@step, @changed | %w[attempts last_attempted_at])
    end

    def conversation(to_state, now)
      Native::Conversation.finish_step(
        @override.name, @step.workflow_step_id,
        [to_state == "complete", @step.attempts, micros(@step.last_attempted_at), changed_columns, changed_results, micros(now),
         Run.current&.distinct_to(@step.task_id), claim&.token]
      )
    end

    def recovered(to_state, &)
      Transitions::LostResponse.recovered("step", @step.workflow_step_id, to_state, -> { @at }, &)
    end

    def claim
      Claims.of(@step)
    end

    # Columns that did not change may have been written by somebody else meanwhile.
    def changed_columns
      [changed("processed"), changed("in_process"), micros(changed("processed_at"))]
    end

    def changed(attribute)
      @step.public_send(attribute) if @changed.include?(attribute)
    end

    def changed_results
      return unless @changed.include?("results")

      results = @step.results
      [results.nil? ? nil : ActiveSupport::JSON.encode(results)]
    end

    def micros(time)
      time && Native::TimestampCodec.to_micros(time)
    end

    # What was written is lost again, by what happened in its transaction.
    def log_failure(to_state, error)
      Rails.logger.error do
        "#{@executor.class.name}: Failed to transition #{@step.class.name} #{@step.id} to #{to_state}: #{error.message}"
      end
    end

    def log_move(to_state)
      Rails.logger.debug do
        "#{@executor.class.name}: Transitioning #{@step.class.name} #{@step.id} from in_progress to #{to_state}"
      end
    end
  end
end
