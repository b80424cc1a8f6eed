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

# Tasks without handlers: `task` has four steps (`steps`), `chain` makes one of steps in a row.
RSpec.shared_context "with tasks of native runs" do
  # `a`, then `b` and `c`, then `d`
  let(:task) do
    make_task.tap do |task|
      a = make_step(task, "a")
      between = %w[b c].map { |name| make_step(task, name, parents: [a]) }
      make_step(task, "d", parents: between)
    end
  end
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  def chain(*names)
    make_task.tap { |task| names.reduce(nil) { |parent, name| make_step(task, name, parents: [parent].compact) } }
  end
end
