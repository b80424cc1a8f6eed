# frozen_string_literal: true

module Demo
  # Counts the statements that PostgreSQL executes for one database, over all of its connections, by pg_stat_statements.
  #
  # It reads from another database, so that its own statements are not among them.
  class StatementCounter
    # Why they cannot be counted.
    class Error < StandardError; end

    # What the server did.
    #
    # @!attribute statements
    #   @return [Integer] how many it executed
    # @!attribute ms
    #   @return [Float] milliseconds it took to execute them, commits not included
    Work = Data.define(:statements, :ms)

    # Statements sent by a client, as often as each was executed; what functions execute inside is not counted. The mark changes when
    # PostgreSQL has thrown counts away.
    COUNT = <<~SQL
      SELECT coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(total_exec_time), 0) AS ms,
             (SELECT concat_ws(' ', dealloc, stats_reset) FROM pg_stat_statements_info) AS mark
        FROM pg_stat_statements(false) WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = $1)
    SQL

    NAMING = <<~SQL
      SELECT query FROM pg_stat_statements
       WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = $1) AND query ~* $2
       ORDER BY query
    SQL

    CURE = "Add pg_stat_statements to shared_preload_libraries of that server, restart it and run " \
           "`CREATE EXTENSION pg_stat_statements` in its database `postgres`; or unset DATABASE_URL to use a private server."
    private_constant :COUNT, :NAMING, :CURE

    # @param connection [PG::Connection] to a database that is not counted
    # @raise [Error] if the server does not count
    def initialize(connection)
      @connection = connection
      check
    end

    # @param database [String]
    # @return [Array(Object, Integer)] what the block returns, and how many statements were executed meanwhile
    def count(database, &)
      value, work = watch(database, &)
      [value, work.statements]
    end

    # @param database [String]
    # @return [Array(Object, Work)] what the block returns, and what was executed meanwhile
    def watch(database)
      before = read(database)
      value = yield
      after = read(database)
      statements, ms = %w[calls ms].map { |column| after[column].to_f - before[column].to_f }
      return [value, Work.new(statements: statements.round, ms:)] if before["mark"] == after["mark"]

      raise Error, "pg_stat_statements has lost counts: expected pg_stat_statements.max to be enough for all statements, " \
                   "got #{setting("max")}. Raise it, or let no other program reset the counts."
    end

    # @param database [String]
    # @param names [Array<String>]
    # @return [Array<String>] statements executed there in whose text one of the names occurs
    def naming(database, names)
      pattern = names.map { |name| Regexp.escape(name) }.join("|")
      @connection.exec_params(NAMING, [database, pattern]).column_values(0)
    end

    private

    def read(database)
      @connection.exec_params(COUNT, [database]).first
    end

    def check
      read("postgres")
      refuse("pg_stat_statements.track", "top or all", setting("track")) if setting("track") == "none"
      refuse("pg_stat_statements.track_utility", "on", setting("track_utility")) unless setting("track_utility") == "on"
    rescue PG::UndefinedTable, PG::UndefinedFunction, PG::UndefinedColumn, PG::ObjectNotInPrerequisiteState,
           PG::InsufficientPrivilege => e
      got = e.message.lines.first.strip
      raise Error, "the server does not count statements: expected pg_stat_statements (PostgreSQL 14 or newer), got `#{got}`. #{CURE}"
    end

    def refuse(name, expected, got)
      raise Error, "the server does not count all statements: expected #{name} = #{expected}, got #{got}."
    end

    def setting(name)
      @connection.exec_params("SELECT current_setting($1, true)", ["pg_stat_statements.#{name}"]).getvalue(0, 0)
    end
  end
end
