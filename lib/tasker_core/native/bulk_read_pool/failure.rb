# frozen_string_literal: true

module TaskerCore
  module Native
    module BulkReadPool
      # What the database has refused, as ActiveRecord's PostgreSQL adapter would raise it.
      class Failure
        CLASSES = {
          "22001" => ActiveRecord::ValueTooLong, "22003" => ActiveRecord::RangeError, "23502" => ActiveRecord::NotNullViolation,
          "23503" => ActiveRecord::InvalidForeignKey, "23505" => ActiveRecord::RecordNotUnique,
          "40001" => ActiveRecord::SerializationFailure, "40P01" => ActiveRecord::Deadlocked, "55P03" => ActiveRecord::LockWaitTimeout,
          "57014" => ActiveRecord::QueryCanceled
        }.freeze
        private_constant :CLASSES

        # @param kind [Symbol] `:unconnected`, `:lost` or `:refused`
        # @param state [String, nil] SQLSTATE
        # @param message [String]
        def initialize(kind, state, message)
          @kind = kind
          @state = state
          @message = message
        end

        # @return [ActiveRecord::ActiveRecordError]
        def to_error(sql, binds, connection_pool)
          case @kind
          when :unconnected then ActiveRecord::ConnectionNotEstablished.new(@message, connection_pool:)
          when :lost then ActiveRecord::ConnectionFailed.new(@message, sql:, binds:, connection_pool:)
          else refusal.new("#{cause.class}: #{cause.message}", sql:, binds:, connection_pool:)
          end
        end

        # @return [PG::Error, nil] the class that the driver has for the SQLSTATE; without its result, which there is none of
        def cause
          return if @state.nil? || @kind == :unconnected

          @cause ||= PG::ERROR_CLASSES.fetch(@state) { PG::ERROR_CLASSES.fetch(@state[0, 2], PG::ServerError) }.new("ERROR:  #{@message}\n")
        end

        private

        def refusal
          return ActiveRecord::ConnectionFailed if @state.start_with?("57P", "08")

          CLASSES.fetch(@state, ActiveRecord::StatementInvalid)
        end
      end
    end
  end
end
