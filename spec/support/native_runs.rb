# frozen_string_literal: true

# Runs tasks by the extension's WorkflowRun, with blocks for handlers.
class NativeRun
  AT = 1_700_000_000_000_000 # microseconds
  SEAM = "a spec"
  private_constant :SEAM

  # @return [Array<String>] names of the statements so far
  attr_reader :statements

  # @return [Array<Hash>] events so far
  attr_reader :events

  # @param task [Tasker::Task]
  def initialize(task, **options)
    @run = TaskerCore::Native::WorkflowRun.start(task.task_id, options)
    @statements = []
    @events = []
  end

  # @yieldparam executions [Array<TaskerCore::Native::StepExecution>]
  # @yieldreturn [Array<TaskerCore::Native::StepEnd>]
  # @return [Hash] the outcome
  def outcome
    request = @run.resume(nil, AT)
    loop do
      request =
        case request
        in [:query, question] then @run.resume(rows_of(question), AT)
        in [:execute, executions] then @run.ended(yield(executions), AT)
        in [:publish, event] then @events << event and @run.resume(nil, AT)
        in [:done, outcome] then return outcome
        end
    end
  end

  # Writes the end of a step.
  # @return [TaskerCore::Native::StepEnd]
  def finish(execution, state = "complete", columns = { processed: state == "complete", attempts: execution.attempts + 1 })
    talk = execution.finish(SEAM, state, columns.to_json, AT)
    rows = nil
    while (question = talk.resume(rows))
      rows = rows_of(question)
    end
    talk.answer
  end

  private

  def rows_of((name, sql, binds, _))
    @statements << name
    Tasker::ApplicationRecord.connection_pool.with_connection { |connection| connection.exec_query(sql, "Spec", binds).rows }
  end
end
