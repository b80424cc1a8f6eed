# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # What a step does, or why it does nothing: the words of docs/graphs.md, decided by the engine's readiness.
    #
    # @!attribute [r] kind
    #   @return [Symbol] one of {KINDS}
    # @!attribute [r] reason
    #   @return [String, nil]
    # @!attribute [r] until
    #   @return [Time, nil] when its wait ends by itself
    StepCondition = Data.define(:kind, :reason, :until)

    # Decides.
    class StepCondition
      KINDS = %i[pending ready in_progress complete retrying failed blocked cancelled resolved_manually unknown].freeze
      # States that say everything.
      PLAIN = %w[in_progress complete cancelled resolved_manually].freeze
      DEFAULT_LIMIT = 3
      FLAGS = { "processed" => "marked as processed", "in_process" => "marked as in process" }.freeze
      private_constant :PLAIN, :DEFAULT_LIMIT, :FLAGS

      class << self
        # @param row [Hash] of the step's columns and its state
        # @param readiness [Tasker::Functions::FunctionBasedStepReadinessStatus, nil]
        # @param cancelled_parent [Boolean]
        # @param error [StandardError, nil] why the readiness could not be read
        # @return [StepCondition]
        def of(row, readiness, cancelled_parent:, error: nil)
          state = row["state"]
          return plain(state.to_sym) if PLAIN.include?(state)
          return unread(error) if error
          return plain(:unknown) unless %w[pending error].include?(state) && readiness
          return plain(:ready) if readiness.ready_for_execution

          not_ready(row, readiness, cancelled_parent)
        end

        private

        def plain(kind) = new(kind:, reason: nil, until: nil)

        def not_ready(row, readiness, cancelled_parent)
          permanent = permanent_reason(row, readiness, cancelled_parent)
          return new(kind: row["state"] == "error" ? :failed : :blocked, reason: permanent, until: nil) if permanent

          waiting(row["state"], readiness)
        end

        def unread(error)
          new(kind: :unknown, reason: "its readiness could not be read: #{error.message.lines.first.chomp}", until: nil)
        end

        # In the order in which {file:src/blocker.rs the core} looks for them.
        def permanent_reason(row, readiness, cancelled_parent)
          exhausted(*row.values_at("attempts", "retry_limit")) || flagged(row) ||
            ("a parent is cancelled" if cancelled_parent && !readiness.dependencies_satisfied)
        end

        def exhausted(attempts, limit)
          limit ||= DEFAULT_LIMIT
          "no attempt left (#{attempts || 0} of #{limit})" if attempts.nil? || attempts >= limit
        end

        def flagged(row)
          return "not retryable" unless row["retryable"]

          FLAGS.find { |column, _| row[column] }&.last
        end

        def waiting(state, readiness)
          kind = state == "error" ? :retrying : :pending
          unless readiness.dependencies_satisfied
            open = readiness.total_parents - readiness.completed_parents
            return new(kind:, reason: "waits for #{open} of #{readiness.total_parents}", until: nil)
          end

          new(kind:, reason: "waits for its next attempt", until: readiness.next_retry_at)
        end
      end
    end
  end
end
