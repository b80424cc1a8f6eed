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

  # @return [TaskerCore::Native::WorkflowRun]
  attr_reader :run

  # @yieldparam executions [Array<TaskerCore::Native::StepExecution, TaskerCore::Native::StepOffer>]
  # @yieldreturn [Array<TaskerCore::Native::StepEnd>]
  # @return [Hash] the outcome
  def outcome
    request = @run.resume(nil, AT)
    loop do
      request =
        case request
        in [:query, question] then @run.resume(rows_of(question), AT)
        in [:execute | :offer, steps] then @run.ended(yield(steps), AT)
        in [:publish, event] then @events << event and @run.resume(nil, AT)
        in [:done, outcome] then return outcome
        end
    end
  end

  # Writes the end of a step.
  # @return [TaskerCore::Native::StepEnd]
  def finish(execution, state = "complete", columns = { processed: state == "complete", attempts: execution.attempts + 1 })
    converse(execution.finish(SEAM, state, columns.to_json, AT))
  end

  # Writes the end of a step that may be written already.
  # @return [TaskerCore::Native::StepEnd]
  def finish_again(execution, columns = { processed: true, attempts: execution.attempts + 1 })
    converse(execution.finish_again(SEAM, "complete", columns.to_json, AT))
  end

  # @return [TaskerCore::Native::StepExecution, nil]
  def claim(offer)
    converse(offer.claim(SEAM, AT))
  end

  private

  def converse(talk)
    rows = nil
    while (question = talk.resume(rows))
      rows = rows_of(question)
    end
    talk.answer
  end

  def rows_of((name, sql, binds, _))
    @statements << name
    Tasker::ApplicationRecord.connection_pool.with_connection { |connection| connection.exec_query(sql, "Spec", binds).rows }
  end
end
