# frozen_string_literal: true

require "pg"
require "uri"
require_relative "../../spec/dummy/lib/dummy_database"

module Demo
  # The PostgreSQL server of the demo, with its databases.
  class Server
    # What the server refuses, in one sentence.
    class Error < StandardError; end

    LOCK = "tasker-core demo"
    private_constant :LOCK

    # @param url [String] of any database on it
    def initialize(url)
      raise Error, "DATABASE_URL is not set: expected postgresql://…/NAME (bin/demo sets it)." if url.empty?

      @uri = URI.parse(url)
    rescue URI::InvalidURIError
      raise Error, "DATABASE_URL is not a URL: expected postgresql://…/NAME, got #{url.inspect}."
    end

    # @param database [String]
    # @return [String] its URL
    def url(database)
      @uri.dup.tap { |uri| uri.path = "/#{database}" }.to_s
    end

    # @return [PG::Connection] to be closed by the caller
    def connect(database = "postgres")
      PG.connect(url(database)).tap { |connection| connection.set_notice_processor { |_notice| nil } }
    end

    # Creates databases that hold the engine's tables and no rows, and drops them after the block.
    # @param names [Array<String>]
    def with_fresh(names)
      alone do |maintenance|
        names.each { |name| DummyDatabase.new(url(name)).prepare(fresh: true) }
        yield
      ensure
        names.each { |name| maintenance.exec("DROP DATABASE IF EXISTS #{maintenance.quote_ident(name)} WITH (FORCE)") }
      end
    end

    # Creates empty databases and drops them after the block.
    # @param names [Array<String>]
    def with_databases(names)
      maintenance = connect
      drop = -> { names.each { |name| maintenance.exec("DROP DATABASE IF EXISTS #{maintenance.quote_ident(name)} WITH (FORCE)") } }
      drop.call
      names.each { |name| maintenance.exec("CREATE DATABASE #{maintenance.quote_ident(name)}") }
      yield
    ensure
      drop&.call
      maintenance&.close
    end

    private

    # Two demos on one server would use the same databases and disturb each other's times.
    def alone
      maintenance = connect
      locked = maintenance.exec_params("SELECT pg_try_advisory_lock(hashtext($1))", [LOCK]).getvalue(0, 0) == "t"
      raise Error, "another demo is running on this server: expected to be alone there." unless locked

      yield maintenance
    ensure
      maintenance&.close
    end
  end
end
