# frozen_string_literal: true

module Demo
  # What may run next in a task, asked in several ways inside the application.
  class Readiness
    FUNCTION = "SELECT * FROM get_step_readiness_status($1::bigint)"
    private_constant :FUNCTION

    # @param task_id [Integer]
    def initialize(task_id)
      @task_id = task_id
      # The coordinator has them already when it asks.
      @steps = Tasker::WorkflowStep.where(task_id:).order(:workflow_step_id).ids
    end

    # The engine's SQL function, its rows as the server sends them.
    def function = ask_the_function(&:rows)

    # The same, its rows as ActiveRecord casts them.
    def cast = ask_the_function(&:cast_values)

    # The method of the engine, as the application calls it: the function's rows as objects, or the core's answer as the same.
    def objects
      Tasker::Functions::FunctionBasedStepReadinessStatus.for_task(@task_id)
    end

    # The same in the engine's own way.
    def objects_of_the_engine = TaskerCore.without { objects }

    # The core, up to its answer to all that the function says, of which no Ruby object is made.
    def answer
      converse(TaskerCore::Native::Conversation.step_readiness("bench", @task_id, nil))
    end

    # The core, up to its answer which steps may be run.
    def viable
      converse(TaskerCore::Native::Conversation.viable_steps("bench", @task_id, @steps))
    end

    private

    def ask_the_function
      Tasker::ApplicationRecord.with_connection do |connection|
        yield connection.select_all(FUNCTION, "SQL", [@task_id], preparable: true)
      end
    end

    def converse(conversation)
      Tasker::ApplicationRecord.with_connection do |connection|
        rows = nil
        while (_name, sql, binds = conversation.resume(rows))
          rows = connection.select_all(sql, "SQL", binds, preparable: true).rows
        end
      end
    end
  end
end
