# frozen_string_literal: true

module TaskerCore
  # The end of a task all of whose steps are done: its row and its transition in one statement, where the engine saves the one and performs
  # the other.
  class TaskEnding
    # @param finalizer [Tasker::Orchestration::TaskFinalizer]
    # @param task [Tasker::Task]
    # @param context [Tasker::Functions::FunctionBasedTaskExecutionContext, nil] how far it has come
    # @param override [Override] on whose behalf
    def initialize(finalizer, task, context, override)
      @finalizer = finalizer
      @task = task
      @context = context
      @override = override
    end

    # @return [true, nil] nil if nothing was done
    def complete
      return unless feasible?

      at = Time.now
      recorded = Native::QueryRunner.with_savepoint { write(at) }
      return if recorded.nil?

      claim&.moved("complete", recorded.first)
      announce([*recorded.first(2), at])
      true
    end

    private

    # A task with methods of its own is somebody's double, whose methods want to be called.
    def feasible?
      @task.is_a?(Tasker::Task) && @task.persisted? && @task.singleton_methods(false).empty? && !@task.complete &&
        savable? && !Native::QueryRunner.preventing_writes? && nobody_between?
    end

    # Whether saving it would be refused, or save something else, too.
    def savable?
      !@task.readonly? && @task.context.present? && !@task.has_changes_to_save? && Stock::PendingRecords.none?(@task)
    end

    # Whether nothing of the application's would be called on the way.
    def nobody_between?
      Stock::Models.stock?(@task.class) && !Stock::RowTriggers.on?(Stock::RowTriggers::OF_TASK) &&
        Stock::EngineCode.stock?(@finalizer, :safe_transition_to) &&
        @task.state_machine.current_state == "in_progress" && Transitions::Transition.unobserved?(@task.state_machine, "complete")
    end

    # @return [Array, nil] the new transition's id, its sort key and the state before
    def write(at)
      conversation = Native::Conversation.finish_task(@override.name, @task.task_id, claim&.token, Native::TimestampCodec.to_micros(at))
      Transitions::LostResponse.recovered("task", @task.task_id, "complete", -> { at }) { Native::QueryRunner.run_change(conversation, "Tasker::Task Update") }
    rescue ActiveRecord::ActiveRecordError => e
      Rails.logger.error { "#{@finalizer.class.name}: Failed to transition #{@task.class.name} #{@task.id} to complete: #{e.message}" }
      raise
    end

    def claim
      Claims.of(@task)
    end

    def announce(recorded)
      log_move
      @task.assign_attributes(complete: true, updated_at: recorded.last)
      Native::QueryRunner.mark_saved(@task)
      Transitions::Transition.announce(@task.state_machine, "in_progress", "complete", recorded)
      @finalizer.send(:publish_task_completed, @task, **payload)
      log_completion
    end

    def payload
      { task: @task, completed_at: Time.current, completion_percentage: @context&.completion_percentage,
        total_steps: @context&.total_steps, health_status: @context&.health_status }
    end

    def log_move
      Rails.logger.debug { "TaskFinalizer: Task #{@task.task_id} current state is in_progress" }
      Rails.logger.debug { "TaskFinalizer: Task #{@task.task_id} transitioning to complete" }
      Rails.logger.debug { "#{@finalizer.class.name}: Transitioning #{@task.class.name} #{@task.id} from in_progress to complete" }
    end

    # The engine's line is broken in two.
    def log_completion
      Rails.logger.info(
        "TaskFinalizer: Task #{@task.task_id} completed successfully (#{@context&.total_steps} steps,\n" \
        "#{" " * 28}#{@context&.completion_percentage}% complete)"
      )
    end
  end
end
