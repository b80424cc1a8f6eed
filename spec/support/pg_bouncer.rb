# frozen_string_literal: true

require "etc"
require "fileutils"
require "socket"
require "tmpdir"
require "uri"

# A PgBouncer in transaction mode before the server of the specs: consecutive transactions of one client use different sessions.
class PgBouncer
  PROGRAM = [*ENV.fetch("PATH").split(":"), "/usr/sbin"].map { |folder| File.join(folder, "pgbouncer") }
                                                        .find { |file| File.executable?(file) }
  PORT = 6432 # a part of the socket's name: there is no TCP
  SESSIONS = 4
  START_TIMEOUT = 30 # seconds

  # @yieldparam url [String] the DATABASE_URL of the specs, through PgBouncer
  def self.run(url = ENV.fetch("DATABASE_URL"))
    raise "pgbouncer is missing: expected it on PATH or in /usr/sbin (bin/setup --tests installs it), got nothing" unless PROGRAM

    Dir.mktmpdir("pgbouncer") do |folder|
      bouncer = new(URI.parse(url), folder)
      bouncer.start
      yield bouncer.url
    ensure
      bouncer&.stop
    end
  end

  # @param server [URI]
  # @param folder [String] for the configuration, the log and the socket
  def initialize(server, folder)
    @server = server
    @folder = folder
  end

  # @return [String]
  def url
    query = URI.encode_www_form(host: @folder, port: PORT, user: parameters.fetch("user"), prepared_statements: false)
    "postgresql:///#{@server.path.delete_prefix("/")}?#{query}"
  end

  def start
    file = File.join(@folder, "pgbouncer.ini")
    File.write(file, configuration)
    FileUtils.chown_R(account.name, nil, @folder) if Process.uid.zero?
    # It refuses to run as root. The server's socket is in a folder that only the server's user can enter.
    identity = Process.uid.zero? ? ["-u", account.name] : []
    @process = Process.spawn(PROGRAM, "--quiet", *identity, file, %i[out err] => File.join(@folder, "log"))
    wait_for_socket
  end

  def stop
    return unless @process

    Process.kill(:TERM, @process)
    Process.wait(@process)
  end

  private

  def configuration
    <<~INI
      [databases]
      * = #{parameters.map { |name, value| "#{name}=#{value}" }.join(" ")}
      [pgbouncer]
      listen_port = #{PORT}
      unix_socket_dir = #{@folder}
      auth_type = any
      pool_mode = transaction
      default_pool_size = #{SESSIONS}
      min_pool_size = #{SESSIONS}
      server_round_robin = 1
      max_client_conn = 100
    INI
  end

  # The server's address and user, from the URL's path or its query.
  def parameters
    @parameters ||= { "host" => @server.host, "port" => @server.port || 5432, "user" => @server.user, "password" => @server.password }
                    .compact.merge(URI.decode_www_form(@server.query.to_s).to_h.slice("host", "port", "user", "password"))
  end

  # The owner of the server's socket, which is the server's user.
  def account
    socket = File.join(parameters.fetch("host"), ".s.PGSQL.#{parameters.fetch("port")}")
    File.exist?(socket) ? Etc.getpwuid(File.stat(socket).uid) : Etc.getpwnam("nobody")
  end

  def accepting?
    UNIXSocket.new(File.join(@folder, ".s.PGSQL.#{PORT}")).close
    true
  rescue Errno::ENOENT, Errno::ECONNREFUSED
    false
  end

  def wait_for_socket
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + START_TIMEOUT
    until accepting?
      late = Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      raise "pgbouncer does not start:\n#{File.read(File.join(@folder, "log"))}" if late

      Thread.pass
    end
  end
end
