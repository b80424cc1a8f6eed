# frozen_string_literal: true

require "json"
require "open3"

# Workers in Rust (examples/run_worker.rs and examples/mixed_with_rails) beside this process.
module RustWorkers
  ROOT = File.expand_path("../..", __dir__)
  private_constant :ROOT

  # A process that runs until it is stopped or killed.
  class Worker
    # @return [Integer]
    attr_reader :pid

    def initialize(name, *arguments)
      program = File.join(ROOT, "target/debug/examples", name)
      @input, @output, @thread = Open3.popen2({ "DATABASE_URL" => ENV.fetch("DATABASE_URL") }, program, *arguments)
      @pid = @thread.pid
      line = @output.gets
      raise "expected #{name} to be ready, got #{line.inspect}" unless line&.chomp == "ready"
    end

    # Has it drain and end.
    # @return [String] what it has printed
    def stop
      Process.kill(:TERM, @pid)
      @output.read.tap { close }
    end

    # @return [void]
    def kill
      Process.kill(:KILL, @pid)
      close
    end

    private

    def close
      @thread.join
      [@input, @output].each(&:close)
    end
  end

  class << self
    # With all features, as the Rust tests are built.
    def build
      examples = %w[run_worker mixed_with_rails].flat_map { |name| ["--example", name] }
      output, status = Open3.capture2e("cargo", "build", "--quiet", "--all-features", *examples, chdir: ROOT)
      raise "cargo build failed:\n#{output}" unless status.success?
    end

    # @param workflow [ShapeWorkflow]
    # @param steps [Array<String>] that it executes
    def start(workflow, steps, **script)
      given = { namespace: ShapeWorkflow::NAMESPACE, name: workflow.shape.name, version: ShapeWorkflow::VERSION, steps:, **script }
      Worker.new("run_worker", JSON.generate(given))
    end

    # A worker that is to refuse its database.
    # @param url [String]
    # @return [Array(Integer, String)] its exit status, and what it has written to standard error
    def refusal(url, **script)
      program = File.join(ROOT, "target/debug/examples/run_worker")
      given = { namespace: "default", name: "refused", version: "0.1.0", steps: ["a"], **script }
      _, errors, status = Open3.capture3({ "DATABASE_URL" => url, "PGOPTIONS" => nil }, program, JSON.generate(given))
      [status.exitstatus, errors]
    end

    def start_example = Worker.new("mixed_with_rails")
  end
end
