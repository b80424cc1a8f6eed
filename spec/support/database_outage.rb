# frozen_string_literal: true

require "pg"
require "uri"

# Closes the database of the specs for all sessions, and opens it again, as the administrator of the server does.
class DatabaseOutage
  PATIENCE = 30 # seconds for a session to end

  def initialize(url = ENV.fetch("DATABASE_URL"))
    uri = URI.parse(url)
    @name = uri.path.delete_prefix("/")
    @server = PG.connect(uri.dup.tap { |other| other.path = "/postgres" }.to_s)
  end

  # Ends all sessions and refuses new ones.
  # @return [Integer] how many were ended
  def begin
    allow_connections(false)
    @server.exec_params(<<~SQL, [@name, PATIENCE * 1_000]).ntuples
      SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE datname = $1
    SQL
  end

  def end
    allow_connections(true)
  end

  # Gives the database back, whatever has happened.
  def close
    self.end
    @server.close
  end

  private

  def allow_connections(allowed)
    @server.exec("ALTER DATABASE #{@server.quote_ident(@name)} WITH ALLOW_CONNECTIONS #{allowed}")
  end
end
