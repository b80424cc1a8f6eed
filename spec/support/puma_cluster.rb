# frozen_string_literal: true

require "json"
require "open3"
require "socket"
require "timeout"
require "tmpdir"

# Puma with two workers and `preload_app!`.
module PumaCluster
  WORKERS = 2
  PATIENCE = 120 # seconds; on a busy machine it boots in 20

  # Boots the server and asks until each worker has answered.
  #
  # @param rackup [String] Ruby, whose requests are answered with JSON: what was done before the workers were forked, and what for this
  #   request, with the process as `pid`
  # @return [Array<Array(Hash, Hash)>]
  def answers_of_workers(rackup, env: {})
    with_cluster(rackup, env) do |socket|
      Timeout.timeout(PATIENCE) do
        answers = []
        answers << request(socket) until answers.map { |_, here| here[:pid] }.uniq.size == WORKERS
        answers
      end
    end
  end

  private

  # @yieldparam socket [String] its path
  def with_cluster(rackup, env)
    Dir.mktmpdir do |folder|
      File.write(File.join(folder, "config.ru"), rackup)
      File.write(File.join(folder, "puma.rb"), <<~RUBY)
        workers #{WORKERS}
        threads 1, 2
        preload_app!
        bind "unix://#{folder}/socket"
      RUBY
      command = ["puma", "-C", File.join(folder, "puma.rb"), File.join(folder, "config.ru")]
      Open3.popen2e({ "RAILS_ENV" => "test", "WEB_CONCURRENCY" => nil, **env }, *command, chdir: folder) do |_, output, process|
        Timeout.timeout(PATIENCE) { wait_for_workers(output) }
        yield File.join(folder, "socket")
      ensure
        Process.kill(:TERM, process.pid)
        process.join(PATIENCE) || Process.kill(:KILL, process.pid)
      end
    end
  end

  def wait_for_workers(output)
    seen = []
    seen << (output.gets || raise("the server has ended:\n#{seen.join}")) until seen.grep(/Worker \d+ \(PID: \d+\) booted/).size == WORKERS
  end

  def request(socket)
    UNIXSocket.open(socket) do |connection|
      connection.write("GET / HTTP/1.0\r\n\r\n")
      JSON.parse(connection.read.split("\r\n\r\n", 2).last, symbolize_names: true)
    end
  end
end
