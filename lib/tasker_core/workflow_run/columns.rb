# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # Columns of a step's row as the core writes them: a JSON object by name.
    module Columns
      # Those that an end may change.
      WRITTEN = %w[
        attempts backoff_request_seconds in_process inputs last_attempted_at processed processed_at results retry_limit retryable skippable
      ].freeze

      class << self
        # @param step [Tasker::WorkflowStep]
        # @param names [Array<String>] of columns
        # @return [String]
        def json(step, names)
          "{#{names.map { |name| "\"#{name}\":#{value(step.public_send(name))}" }.join(",")}}"
        end

        # @param attempts [Integer] before this one
        # @param error [Exception]
        # @param at [Time]
        # @return [String] what the engine writes of an attempt that has failed
        def failed(attempts, error, at)
          ActiveSupport::JSON.encode(
            processed: false, in_process: false, attempts: attempts + 1, last_attempted_at: instant(at),
            results: { error: error.message.to_s.scrub, error_class: error.class.name, backtrace: error.backtrace.to_a.join("\n") }
          )
        end

        private

        def value(value)
          value.acts_like?(:time) ? %("#{instant(value)}") : ActiveSupport::JSON.encode(value)
        end

        # As PostgreSQL reads it, on the clock of the columns.
        def instant(time)
          Time.at(0, Native::TimestampCodec.to_micros(time), :microsecond, in: "UTC").strftime("%F %T.%6N")
        end
      end
    end
  end
end
