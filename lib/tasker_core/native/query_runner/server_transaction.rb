# frozen_string_literal: true

module TaskerCore
  module Native
    module QueryRunner
      # The transaction that the server has open on a connection. ActiveRecord knows only those that it has begun itself: an application's
      # `BEGIN`, `COMMIT`, `ROLLBACK` and failed statements change the server's transaction, and ActiveRecord does not notice.
      #
      # libpq keeps the status with every answer of the server, so reading it sends no statement. `raw_connection` is not used for that: it
      # switches lazy transactions and reconnecting off.
      module ServerTransaction
        # Any statement that a transaction refuses once it has failed or ended. The engine has a savepoint here and releases it.
        RELEASE = "RELEASE SAVEPOINT active_record_1"
        private_constant :RELEASE

        class << self
          # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
          # @return [Boolean] whether the server has a transaction open that ActiveRecord has not begun
          def left_open?(connection)
            !connection.transaction_open? && [PG::PQTRANS_INTRANS, PG::PQTRANS_INERROR].include?(status(connection))
          end

          # @param (see left_open?)
          # @return [Boolean] whether it has failed, so that nothing but its end is accepted
          def left_failed?(connection)
            !connection.transaction_open? && status(connection) == PG::PQTRANS_INERROR
          end

          # Makes sure that the innermost transaction of ActiveRecord can be committed. PostgreSQL answers the `COMMIT` of a failed
          # transaction with a silent `ROLLBACK`, and that of none with a warning.
          #
          # @param (see left_open?)
          # @yieldreturn [Boolean] if the transaction has been ended already: whether its work was committed
          # @raise [ActiveRecord::StatementInvalid] what the release of a savepoint raises: `PG::InFailedSqlTransaction` or
          #   `PG::NoActiveSqlTransaction`
          def insist_on_commit(connection)
            return unless connection.current_transaction.materialized?

            case status(connection)
            when PG::PQTRANS_INERROR then connection.execute(RELEASE)
            when PG::PQTRANS_IDLE then connection.execute(RELEASE) unless block_given? && yield
            end
          end

          private

          # @return [Integer, nil] one of `PG::PQTRANS_…`; nil for a connection that is not there, or is of another library
          def status(connection)
            raw = connection.instance_variable_get(:@raw_connection)
            raw.transaction_status if raw.respond_to?(:transaction_status)
          end
        end
      end
    end
  end
end
