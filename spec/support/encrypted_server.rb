# frozen_string_literal: true

require "etc"
require "fileutils"
require "openssl"
require "open3"
require "socket"
require "tmpdir"
require "uri"

# A PostgreSQL on 127.0.0.1 that takes encrypted connections only. Its certificate is for "localhost", from an authority of its own.
class EncryptedServer
  HOST = "localhost"
  START_ATTEMPTS = 5 # another process may take a free port before the server does

  # @yieldparam server [EncryptedServer]
  def self.run
    Dir.mktmpdir("encrypted") do |folder|
      server = new(folder)
      server.start
      yield server
    ensure
      server&.stop
    end
  end

  # @param folder [String]
  def initialize(folder)
    @folder = folder
    @authority = Authority.new("spec authority")
    FileUtils.chmod(0o711, folder)
    File.write(authority_file, @authority.certificate.to_pem)
    File.write(stranger_file, Authority.new("another authority").certificate.to_pem)
  end

  # The certificate of the authority that has signed the server's.
  def authority_file = File.join(@folder, "authority.pem")

  # The certificate of an authority that has not.
  def stranger_file = File.join(@folder, "stranger.pem")

  # @return [String]
  def url(host: HOST, **parameters)
    "postgresql://postgres@#{host}:#{@port}/postgres?#{URI.encode_www_form(parameters)}"
  end

  def start
    FileUtils.mkdir(data)
    FileUtils.chown(account, nil, data)
    run!("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync")
    write_certificate
    File.write(File.join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n")
    attempts = 0
    begin
      @port = free_port
      run!("pg_ctl", "start", "-w", "-s", "-D", data, "-l", "#{data}/server.log", "-o", options)
    rescue RuntimeError
      (attempts += 1) < START_ATTEMPTS ? retry : raise
    end
  end

  def stop
    run!("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", data) if File.exist?(File.join(data, "postmaster.pid"))
  end

  # An authority that signs certificates.
  class Authority
    # @return [OpenSSL::X509::Certificate]
    attr_reader :certificate

    def initialize(name)
      @key = OpenSSL::PKey::RSA.new(2048)
      @certificate = issue(name, @key.public_key, "basicConstraints" => "critical,CA:TRUE", "keyUsage" => "critical,keyCertSign")
    end

    # @return [OpenSSL::X509::Certificate]
    def issue(name, public_key, extensions)
      certificate = OpenSSL::X509::Certificate.new
      certificate.version = 2
      certificate.serial = OpenSSL::BN.rand(64)
      certificate.subject = OpenSSL::X509::Name.new([["CN", name]])
      certificate.issuer = @certificate ? @certificate.subject : certificate.subject
      certificate.public_key = public_key
      certificate.not_before = Time.now - 3600
      certificate.not_after = Time.now + 86_400
      extensions.each { |key, value| certificate.add_extension(extension(key, value)) }
      certificate.sign(@key, OpenSSL::Digest.new("SHA256"))
    end

    private

    def extension(name, value)
      critical = value.start_with?("critical,")
      OpenSSL::X509::ExtensionFactory.new.create_extension(name, value.delete_prefix("critical,"), critical)
    end
  end

  private

  def data = File.join(@folder, "data")

  def options
    "-c listen_addresses=127.0.0.1 -c port=#{@port} -c unix_socket_directories='' -c ssl=on -c fsync=off " \
      "-c ssl_cert_file=server.pem -c ssl_key_file=server.key"
  end

  def write_certificate
    key = OpenSSL::PKey::RSA.new(2048)
    certificate = @authority.issue(HOST, key.public_key, "subjectAltName" => "DNS:#{HOST}", "extendedKeyUsage" => "serverAuth")
    { "server.pem" => certificate.to_pem, "server.key" => key.to_pem }.each do |name, text|
      file = File.join(data, name)
      File.write(file, text, perm: 0o600)
      FileUtils.chown(account, nil, file)
    end
  end

  def free_port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }

  # PostgreSQL refuses to run as root.
  def account
    return Etc.getpwuid.name unless Process.uid.zero?

    %w[postgres nobody].find { |name| Outcome.of { Etc.getpwnam(name) }.value }
  end

  def run!(program, *arguments)
    command = [File.join(ENV.fetch("TASKER_CORE_PG_BIN"), program), *arguments]
    command = ["runuser", "-u", account, "--", *command] if Process.uid.zero?
    output, status = Open3.capture2e(*command, chdir: "/")
    raise "#{program} failed:\n#{output}" unless status.success?
  end
end
