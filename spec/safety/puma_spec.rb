# frozen_string_literal: true

require_relative "../rails_helper"
require "socket"
require "timeout"

# A web server that loads the application once and forks its workers from there.
RSpec.describe "Puma in cluster mode with preload_app!" do
  patience = 120 # seconds; on a busy machine it boots in 20

  # Runs a workflow before the workers are forked, and one for each request.
  rackup = <<~RUBY
    require "#{File.expand_path("../dummy/config/environment", __dir__)}"
    require "#{File.expand_path("../dummy/lib/shape_workflow", __dir__)}"

    work = lambda do
      workflow = ShapeWorkflow.new(Shapes.diamond)
      task = workflow.create({ "pid" => Process.pid, "at" => Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      workflow.run(task)
      { pid: Process.pid, status: task.status, rust: TaskerCore.stats.values.sum { |counts| counts[:rust] },
        engine: TaskerCore.stats.values.sum { |counts| counts[:engine] } }
    end

    before = work.call
    run ->(_) { [200, {}, [JSON.generate([before, work.call])]] }
  RUBY

  # Runs the server with two workers, and yields the path of its socket once they have booted.
  def with_cluster(rackup, patience)
    Dir.mktmpdir do |folder|
      File.write(File.join(folder, "config.ru"), rackup)
      File.write(File.join(folder, "puma.rb"), <<~RUBY)
        workers 2
        threads 1, 2
        preload_app!
        bind "unix://#{folder}/socket"
      RUBY
      command = ["puma", "-C", File.join(folder, "puma.rb"), File.join(folder, "config.ru")]
      Open3.popen2e({ "RAILS_ENV" => "test", "WEB_CONCURRENCY" => nil }, *command, chdir: folder) do |_, output, process|
        Timeout.timeout(patience) { wait_for_workers(output, 2) }
        yield File.join(folder, "socket")
      ensure
        Process.kill(:TERM, process.pid)
        process.join(patience) || Process.kill(:KILL, process.pid)
      end
    end
  end

  def wait_for_workers(output, count)
    seen = []
    seen << (output.gets || raise("the server has ended:\n#{seen.join}")) until seen.grep(/Worker \d+ \(PID: \d+\) booted/).size == count
  end

  # @return [Array<Hash>] what was done before the fork, and what for this request
  def request(socket)
    UNIXSocket.open(socket) do |connection|
      connection.write("GET / HTTP/1.0\r\n\r\n")
      JSON.parse(connection.read.split("\r\n\r\n", 2).last, symbolize_names: true)
    end
  end

  it "answers through the gem in the master and in every worker" do
    with_cluster(rackup, patience) do |socket|
      answers = Timeout.timeout(patience) do
        answers = []
        answers << request(socket) until answers.map { |_, here| here[:pid] }.uniq.size == 2
        answers
      end
      befores, heres = answers.transpose
      expect(befores.uniq).to contain_exactly(include(status: "complete", engine: 0, rust: a_value > 10))
      expect(heres).to all(include(status: "complete", engine: 0, rust: a_value > befores.first[:rust]))
      expect(heres.map { |here| here[:pid] }).not_to include(befores.first[:pid])
    end
  end
end
