# frozen_string_literal: true

require "pg"
require "socket"
require "tmpdir"
require "uri"

# Stands between clients and the server on a socket of its own: it can cut what goes through it, and answer as a pooler does.
class DatabaseProxy
  PORT = 5432
  BACKEND_KEY_DATA = "K"
  private_constant :PORT, :BACKEND_KEY_DATA

  # @param url [String] of the server's database
  # @param pooler [Boolean] whether clients are given another process id than the server's
  def initialize(url = ENV.fetch("DATABASE_URL"), pooler: false)
    @target = PG.connect(url).then { |connection| [connection.host, connection.port].tap { connection.close } }
    @uri = URI.parse(url)
    @pooler = pooler
    @folder = Dir.mktmpdir
    @server = UNIXServer.new(File.join(@folder, ".s.PGSQL.#{PORT}"))
    @sockets = Queue.new
    @open = true
    @acceptor = Thread.new { serve }
  end

  # @return [Hash] what a configuration of ActiveRecord needs to go through it
  def settings
    { host: @folder, port: PORT }
  end

  # @return [String] the database's URL through it
  def url
    @uri.dup.tap { |uri| uri.query = URI.encode_www_form(host: @folder, port: PORT, user: "postgres") }.to_s
  end

  # Ends all connections. Those that come later end at once until {accept}.
  def cut
    @open = false
    @sockets.pop.close until @sockets.empty?
  end

  def accept
    @open = true
  end
  alias mend accept # the former name, in spec/recovery

  def close
    cut
    @acceptor.kill
    @server.close
    FileUtils.rm_rf(@folder)
  end

  private

  def serve
    loop do
      client = @server.accept
      next client.close unless @open

      server = UNIXSocket.new(File.join(@target.first, ".s.PGSQL.#{@target.last}"))
      [client, server].each { |socket| @sockets << socket }
      Thread.new { forward(client, server) }
      Thread.new { forward(server, client, disguised: @pooler) }
    end
  end

  def forward(from, to, disguised: false)
    loop do
      data = from.readpartial(65_536)
      disguised &&= !disguised?(data)
      to.write(data)
    end
  rescue IOError, SystemCallError
    nil
  ensure
    [from, to].each(&:close)
  end

  # @return [Boolean] whether the process id was in it, and is another now
  def disguised?(data)
    at = data.index("#{BACKEND_KEY_DATA}\x00\x00\x00\x0C".b)
    return false if at.nil?

    data[at + 5, 4] = [data[at + 5, 4].unpack1("N") + 1].pack("N")
    true
  end
end
