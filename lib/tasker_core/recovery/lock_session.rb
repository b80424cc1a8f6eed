# frozen_string_literal: true

module TaskerCore
  module Recovery
    # The session that holds a worker's lock. It is none of ActiveRecord's pool, which would hand it to others, end it when it is idle, and
    # open a new one without saying so.
    class LockSession
      # A cut network ends the session within 25 seconds, on both sides.
      KEEPALIVES = { keepalives: 1, keepalives_idle: 10, keepalives_interval: 5, keepalives_count: 3 }.freeze
      VARIABLES = {
        "idle_session_timeout" => 0, "idle_in_transaction_session_timeout" => 0, "statement_timeout" => "30s",
        "tcp_keepalives_idle" => 10, "tcp_keepalives_interval" => 5, "tcp_keepalives_count" => 3
      }.freeze
      CONNECT_TIMEOUT = 5 # seconds
      # Sessions of a parent process. Garbage collection of one would end it (`PQfinish`).
      INHERITED = [] # rubocop:disable Style/MutableConstant

      private_constant :KEEPALIVES, :VARIABLES, :CONNECT_TIMEOUT, :INHERITED

      class << self
        # @param config [ActiveRecord::DatabaseConfigurations::HashConfig]
        # @raise [ConfigurationError] behind a pooler
        # @raise [ActiveRecord::ActiveRecordError, PG::Error] if the server cannot be reached
        def open(config)
          session = new(config)
          session.check
          session
        rescue StandardError
          session&.close
          raise
        end
      end

      def initialize(config)
        hash = config.configuration_hash
        variables = (hash[:variables] || {}).transform_keys(&:to_s).merge(VARIABLES)
        settings = { connect_timeout: CONNECT_TIMEOUT, **hash, **KEEPALIVES, variables: }
        @adapter = ActiveRecord::ConnectionAdapters.resolve(config.adapter).new(settings)
        @adapter.connect!
        @raw = @adapter.raw_connection
        @mutex = Mutex.new
        @named = []
      end

      # @return [Boolean] whether the lock of that key is this session's now. It is not while another session of the same worker, which the
      #   server has not yet missed, still holds it.
      def lock(key)
        query("select pg_try_advisory_lock($1::bigint)", [key]).dig(0, 0).tap { |locked| listen if locked }
      end

      # @return [Array<Integer>] tasks that other workers have named since this was last asked
      def take_named
        @mutex.synchronize { @named.tap { @named = [] } }
      end

      # @return [Object] the answer of a conversation that only reads
      def converse(conversation)
        rows = nil
        while (question = conversation.resume(rows))
          _, sql, binds, = question
          rows = query(sql, binds)
        end
        conversation.answer
      end

      # Waits until the server ends the session, or `other` becomes readable. Nothing is sent.
      # @param other [IO]
      # @param seconds [Numeric, nil]
      # @return [Boolean] whether the session has ended
      def ended?(other, seconds)
        readable, = IO.select([@raw.socket_io, other], nil, nil, seconds)
        return false unless readable&.include?(@raw.socket_io)

        @mutex.synchronize do
          @raw.consume_input
          hear
        end
        false
      rescue PG::Error, IOError, SystemCallError
        true
      end

      def close
        @adapter&.disconnect!
      rescue StandardError
        nil
      end

      # The parent's socket must not be kept open by its child, nor anything be sent on it.
      def disown
        INHERITED << self << @raw
        IO.for_fd(@raw.socket_io.fileno, "r+", autoclose: false).reopen(File::NULL, "r+")
      rescue PG::Error, IOError, SystemCallError
        nil
      end

      # A pooler gives out process ids of its own, and hands the server's session to others.
      #
      # @raise [ConfigurationError] behind a pooler
      # @raise [ActiveRecord::ConnectionFailed] on a replica, whose locks the primary does not have
      def check
        process, replica = query("select pg_backend_pid(), pg_is_in_recovery()", []).first
        unless process == @raw.backend_pid
          raise ConfigurationError, "config.recovery: expected a session of the server's own (process #{@raw.backend_pid}), got one of a " \
                                    "pooler (process #{process}): connect the application past the pooler, or leave recovery off"
        end
        raise ActiveRecord::ConnectionFailed, "config.recovery: expected the primary server, got a replica" if replica
      end

      private

      def listen
        query("listen #{RustSteps::CHANNEL}", [])
      end

      # All of the backlog, which would keep the socket readable.
      def hear
        while (notification = @raw.notifies)
          @named << Integer(notification[:extra], exception: false) if notification[:relname] == RustSteps::CHANNEL
        end
        @named.compact!
      end

      # A thread that is interrupted amid a statement leaves the session unusable.
      def query(sql, binds)
        @mutex.synchronize do
          done = false
          rows = noted(sql, binds) { @raw.exec_params(sql, binds.map { |bind| bind&.to_s }).values }
          done = true
          rows
        ensure
          close unless done
        end
      end

      # For those that log and count statements, as those of ActiveRecord.
      def noted(sql, binds, &)
        payload = { sql:, name: "Recovery", binds:, type_casted_binds: binds, statement_name: nil, async: false, connection: @adapter,
                    transaction: nil, row_count: nil }
        ActiveSupport::Notifications.instrument("sql.active_record", payload, &)
      end
    end
  end
end
