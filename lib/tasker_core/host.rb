# frozen_string_literal: true

module TaskerCore
  # Runs a conversation's questions on the engine's own connection, inside whatever transaction is open there.
  #
  # Only public methods of ActiveRecord are called, so the caller's savepoints, query log, statement timeouts, secondary
  # database and fixtures hold for these statements as for any other.
  module Host
    class << self
      # @param conversation [Native::Conversation]
      # @param label [String] the statements' name for log subscribers
      # @return [Object] the conversation's answer
      def converse(conversation, label)
        rows = nil
        while (question = conversation.resume(rows))
          rows = rows_of(question, label)
        end
        conversation.answer
      end

      # Runs the block in a savepoint if a transaction is open, so that an error in it leaves that transaction usable; bare
      # otherwise, since a single statement needs no transaction.
      def shielded(&)
        connection.transaction_open? ? connection.transaction(requires_new: true, &) : yield
      end

      def connection
        Tasker::ApplicationRecord.connection
      end

      private

      def rows_of((_, sql, binds, writes), label)
        return write(sql, label, binds).rows if writes

        connection.select_all(sql, label, binds, preparable: true, allow_retry: true).rows
      end

      # The server may have ended an idle session, and ActiveRecord notices with the next statement. The engine's next one is a read or
      # a BEGIN, which ActiveRecord repeats. The core's writes may be repeated as well: each compares before it writes, so that one that
      # did happen finds nothing left to do.
      def write(sql, label, binds)
        refuse_write(sql) if connection.preventing_writes?
        connection.exec_query(sql, label, binds, prepare: true)
      rescue ActiveRecord::ConnectionFailed
        raise if connection.transaction_open?

        connection.exec_query(sql, label, binds, prepare: true)
      end

      # ActiveRecord takes a statement that begins with WITH for a read.
      def refuse_write(sql)
        raise ActiveRecord::ReadOnlyError, "Write query attempted while in readonly mode: #{sql}"
      end
    end
  end
end
