# frozen_string_literal: true

require "io/wait"
require_relative "bulk_read_pool/failure"
require_relative "bulk_read_pool/settings"

module TaskerCore
  module Native
    # Connections of the extension for bulk reads. It waits for the rows and converts them without Ruby's lock. If the waiting thread is
    # stopped (`Thread#kill`, `Timeout`, an interrupt), the server stops the statement, too.
    #
    # The pool exists only if `config.bulk_pool_size` is set, and opens connections on first use. It is not used in a transaction or with
    # the query cache on, where its result could differ from that of the engine's own connection.
    module BulkReadPool
      OPENED = :@tasker_core_pool
      private_constant :OPENED

      @lock = Mutex.new

      class << self
        # @return [Boolean] whether this extension was compiled with it
        def compiled?
          Extension.loaded? && Native.const_defined?(:Pool)
        end

        # @return [Boolean] whether a bulk read, here and now, is one for the pool
        def usable?
          return false unless TaskerCore.configuration.bulk_pool_size && TaskerCore.active?

          !QueryRunner.transaction_open? && !Tasker::ApplicationRecord.connection_pool.query_cache_enabled
        end

        # See {QueryRunner.run}.
        #
        # @param conversation [Native::Conversation] that only reads
        # @param label [String] the statements' name for log subscribers
        # @return [Object] the conversation's answer
        # @raise [ConfigurationError] if there cannot be such a pool
        # @raise [ActiveRecord::ActiveRecordError] as the engine's own connection would
        def run(conversation, label)
          connections = Tasker::ApplicationRecord.connection_pool
          native = opened(connections)
          question = conversation.resume(nil)
          question = answered(native.ask(conversation), question, label, connections) while question
          conversation.answer
        end

        # @return [Array(Integer, Integer), nil] connections of this process, and those of them that are idle; nil where no pool is open
        def counts
          process, native = Tasker::ApplicationRecord.connection_pool.instance_variable_get(OPENED)
          native.counts if process == Process.pid
        end

        # Ends what is open here: for a process that is about to fork, or to change its database. The next bulk read opens another.
        # @return [void]
        def close
          @lock.synchronize do
            connections = Tasker::ApplicationRecord.connection_pool
            process, native = connections.instance_variable_get(OPENED)
            native.close if process == Process.pid
            connections.instance_variable_set(OPENED, nil)
          end
          nil
        end

        private

        # Each pool of ActiveRecord has one of ours beside it, in each process. What a parent has opened is left alone.
        def opened(connections)
          @lock.synchronize do
            process, native = connections.instance_variable_get(OPENED)
            next native if process == Process.pid

            settings = Settings.read(connections)
            native = Native::Pool.new(settings)
            connections.instance_variable_set(OPENED, [Process.pid, native])
            native
          end
        end

        def answered(request, (_, sql, binds, _), label, connections)
          payload = { sql:, name: label, binds:, type_casted_binds: binds, statement_name: nil, async: false, connection: nil,
                      transaction: nil, row_count: nil }
          ActiveSupport::Notifications.instrument("sql.active_record", payload) do
            failed, outcome = awaited(request)
            raise_failure(Failure.new(*outcome), sql, binds, connections) if failed

            outcome
          end
        end

        def awaited(request)
          finished = IO.for_fd(request.descriptor, "rb")
          finished.wait_readable
          over = true
          request.outcome
        ensure
          request.give_up unless over
          finished&.close
        end

        def raise_failure(failure, sql, binds, connections)
          raise failure.to_error(sql, binds, connections), cause: failure.cause
        end
      end
    end
  end
end
