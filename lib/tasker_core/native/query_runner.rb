# frozen_string_literal: true

require_relative "../local"
require_relative "bulk_read_pool"
require_relative "query_runner/server_transaction"

module TaskerCore
  module Native
    # Runs the statements of an operation (a `Native::Conversation`) on the engine's own connection, inside the transaction that is open.
    #
    # Statements are run by public methods of ActiveRecord, so the caller's savepoints, query log, statement timeouts, secondary database
    # and fixtures apply. An operation has one connection from its first statement to its last.
    module QueryRunner
      READING = Local.new(:tasker_core_only_reading)
      private_constant :READING

      class << self
        # @param conversation [Native::Conversation]
        # @param label [String] the statements' name for log subscribers
        # @yieldparam error [ActiveRecord::ConnectionFailed] if a write had to be repeated, and whether the first one happened is not known
        # @return [Object] the conversation's answer
        def run(conversation, label, &in_doubt)
          Tasker::ApplicationRecord.with_connection do |connection|
            rows = nil
            while (question = conversation.resume(rows))
              rows = rows_of(connection, question, label, in_doubt)
            end
          end
          conversation.answer
        end

        # Runs one statement. A write whose connection breaks is not repeated.
        #
        # @param question [Array] as of a conversation
        # @return [Array<Array>] its rows
        def rows(question, label)
          Tasker::ApplicationRecord.with_connection { |connection| rows_of(connection, question, label, nil) }
        end

        # A question whose answer is about many rows, which may be asked on the pool of the core's own, if there is one.
        #
        # @return [Object] the conversation's answer
        def run_bulk(conversation, label)
          BulkReadPool.usable? ? BulkReadPool.run(conversation, label) : run(conversation, label)
        end

        # A change, whose answer is nil where nothing was done.
        #
        # @return [Object, nil] the conversation's answer
        # @raise [ActiveRecord::ConnectionFailed] if the change had to be repeated and found nothing to do: that may be its own doing, of
        #   which the server's word was lost
        def run_change(conversation, label)
          doubt = nil
          answer = run(conversation, label) { |error| doubt = error }
          raise doubt if doubt && answer.nil?

          answer
        end

        # Runs the block in a savepoint if a transaction is open, so that an error in it leaves that transaction usable; bare
        # otherwise, since a single statement needs no transaction.
        def with_savepoint(&)
          known_transaction? ? transaction(&) : yield
        end

        # Runs the block in a transaction of its own: a savepoint, if one is open.
        #
        # @param insist [Boolean] whether a transaction that cannot be committed is an error; without, it is rolled back silently
        # @param committed [Proc, nil] returns whether the block's work is written, in case the block has ended the transaction itself
        # @return [Object] what the block returns
        # @raise [ActiveRecord::StatementInvalid] if a statement has failed amid it, or the block has ended it
        def transaction(insist: true, committed: nil)
          Tasker::ApplicationRecord.transaction(requires_new: true) do
            result = yield
            Tasker::ApplicationRecord.with_connection { |connection| ServerTransaction.insist_on_commit(connection, &committed) } if insist
            result
          end
        end

        # Ends a failed transaction that code of the application has left open. Nothing is lost that is not lost already.
        # @return [Boolean] whether there was one
        def end_failed_transaction
          Tasker::ApplicationRecord.with_connection do |connection|
            failed = ServerTransaction.left_failed?(connection)
            connection.execute("ROLLBACK") if failed
            failed
          end
        end

        # Takes down that a record's changes are saved, where the core has written them. What is rolled back is to be saved still:
        # ActiveRecord takes care of that for records that its transactions know.
        # @param record [ActiveRecord::Base]
        def mark_saved(record)
          return record.changes_applied unless known_transaction?

          record.with_transaction_returning_status { record.changes_applied || true }
        end

        # @return [Boolean] whether what is written or read here may yet be undone. A thread without a connection has no transaction.
        def transaction_open?
          connection = Tasker::ApplicationRecord.connection_pool.active_connection
          connection ? connection.transaction_open? || ServerTransaction.left_open?(connection) : false
        end

        # Runs the block with every statement of the core that writes refused.
        def refusing_writes(&)
          READING.with(true, &)
        end

        def preventing_writes?
          Tasker::ApplicationRecord.with_connection(&:preventing_writes?)
        end

        # @return [Boolean] whether the server refuses to write: a replica, or by a setting
        def read_only?
          Tasker::ApplicationRecord.uncached do
            Tasker::ApplicationRecord.connection.select_value("select current_setting('transaction_read_only')::boolean")
          end
        end

        private

        # @return [Boolean] whether ActiveRecord has a transaction open, and so can make a savepoint
        def known_transaction?
          connection = Tasker::ApplicationRecord.connection_pool.active_connection
          connection ? connection.transaction_open? : false
        end

        def rows_of(connection, (_, sql, binds, writes), label, in_doubt)
          rows = writes ? written(connection, sql, label, binds, in_doubt) : read(connection, sql, label, binds)
        ensure
          stop(connection, writes) unless rows
        end

        def read(connection, sql, label, binds)
          connection.select_all(sql, label, binds, preparable: true, allow_retry: true).rows
        end

        def written(connection, sql, label, binds, in_doubt)
          refuse_write(sql) if connection.preventing_writes? || READING.value
          write(connection, sql, label, binds, in_doubt)
        end

        # An interrupted thread (`Thread#kill`, `Timeout`) leaves its statement running on the server. A write would still happen, and the
        # next user of the connection would wait for it. ActiveRecord cancels the statement, by a private method, when it rolls back a
        # transaction but not a savepoint, in which writes stand. A read in a transaction is not cancelled, since that would fail the
        # transaction.
        def stop(connection, writes)
          return unless connection.respond_to?(:cancel_any_running_query, true)

          connection.send(:cancel_any_running_query) if writes || !transaction_open?
        end

        # The server may have ended an idle session, and ActiveRecord notices with the next statement. The engine's next one is a read or
        # a BEGIN, which ActiveRecord repeats. The core's writes may be repeated as well: each compares before it writes.
        def write(connection, sql, label, binds, in_doubt)
          execute(connection, sql, label, binds)
        rescue ActiveRecord::ConnectionFailed => e
          raise if connection.transaction_open? || in_doubt.nil?

          in_doubt.call(e)
          execute(connection, sql, label, binds)
        end

        # The engine has BEGIN and COMMIT around every write, and so ends a transaction that code of the application has left open.
        def execute(connection, sql, label, binds)
          statement = -> { connection.exec_query(sql, label, binds, prepare: true).rows }
          ServerTransaction.left_open?(connection) ? connection.transaction { statement.call } : statement.call
        end

        # ActiveRecord takes a statement that begins with WITH for a read.
        def refuse_write(sql)
          raise ActiveRecord::ReadOnlyError, "Write query attempted while in readonly mode: #{sql}"
        end
      end
    end
  end
end
