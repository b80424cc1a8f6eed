# frozen_string_literal: true

module TaskerCore
  module Transitions
    # Transitions that were written but whose response was lost: a subscriber to `sql.active_record` raised after the statement, or the
    # connection broke after the server had committed.
    #
    # The row is recognized by its timestamp, which this process has chosen to the microsecond. Inside a transaction nothing is looked up:
    # it is rolled back.
    module LostResponse
      class << self
        # @param kind [String] `"task"` or `"step"`
        # @param id [Integer]
        # @param to [String] the state that was to be entered
        # @param instant [#call] the instant of the transition, nil before it was sent
        # @yieldreturn [Array, nil] id and sort key of the transition; nil if nothing was written
        # @return [Array, nil] what the block returns, or the same of the row that it has written before it raised
        def recovered(kind, id, to, instant)
          yield
        rescue InternalError
          raise
        rescue StandardError => e
          found = find(kind, id, to, instant.call) if possible?(e)
          raise if found.nil?

          note(kind, id, to, e)
          found.first(2)
        end

        # @return [Array(Integer, Integer, String), nil] id, sort key and state before; nil if the most recent transition is another one
        def find(kind, id, to, instant)
          return if instant.nil?

          last, before = history(kind, id)
          [last.id, last.sort_key, before&.to_state || "pending"] if last && own?(last, to, instant)
        rescue ActiveRecord::ActiveRecordError
          nil
        end

        # The claims of a task's steps that one statement has made.
        # @param instant [Time, nil] that it records; nil before it was sent
        # @return [Array<Array(Integer, Integer)>] step and token
        def claims(task_id, instant)
          return [] if instant.nil?

          steps = Tasker::WorkflowStep.unscoped.where(task_id:)
          steps.lock("FOR NO KEY UPDATE").pluck(:workflow_step_id) # the server may still be at work on the statement
          at = Time.at(0, (instant.to_i * 1_000_000) + instant.usec, :microsecond)
          claims = Tasker::WorkflowStepTransition.unscoped.where(to_state: "in_progress", most_recent: true, created_at: at)
          claims.where(workflow_step_id: steps.select(:workflow_step_id)).order(:workflow_step_id).pluck(:workflow_step_id, :id)
        rescue ActiveRecord::ActiveRecordError
          []
        end

        # Whether the statement may have been committed though it raised. What the server has refused was not.
        # @param error [StandardError]
        def possible?(error)
          return false if Native::QueryRunner.transaction_open?

          error.is_a?(ActiveRecord::ConnectionFailed) || !error.cause.is_a?(PG::ServerError)
        end

        # @param error [StandardError]
        # @return [Boolean] whether only the connection has failed, and no code of the application
        def disconnected?(error)
          error.is_a?(ActiveRecord::ConnectionNotEstablished) || error.is_a?(ActiveRecord::ConnectionFailed)
        end

        def note(kind, id, to, error)
          Rails.logger.warn("tasker-core: #{kind} #{id} is #{to}, though the answer was lost: #{error.class}: #{error.message}")
        end

        private

        # The server may still be at work on the statement whose connection broke; it holds the owner's row until then.
        def history(kind, id)
          owner, model, key = tables(kind)
          owner.unscoped.where(key => id).lock("FOR NO KEY UPDATE").pick(key)
          model.unscoped.where(key => id).order(sort_key: :desc).limit(2).to_a
        end

        def tables(kind)
          return [Tasker::Task, Tasker::TaskTransition, "task_id"] if kind == "task"

          [Tasker::WorkflowStep, Tasker::WorkflowStepTransition, "workflow_step_id"]
        end

        def own?(row, to, instant)
          row.most_recent && row.to_state == to && Native::TimestampCodec.to_micros(row.created_at) == Native::TimestampCodec.to_micros(instant)
        end
      end
    end
  end
end
