# frozen_string_literal: true

require "json"
require "open3"

# Tasks that Rails has created, run by a program in Rust (examples/run_tasks.rs).
module RustRuns
  ROOT = File.expand_path("../..", __dir__)
  PROGRAM = File.join(ROOT, "target/debug/examples/run_tasks")
  private_constant :ROOT, :PROGRAM

  class << self
    def build
      output, status = Open3.capture2e("cargo", "build", "--quiet", "--example", "run_tasks", chdir: ROOT)
      raise "cargo build failed:\n#{output}" unless status.success?
    end

    # @param task [Tasker::Task]
    # @param results [Hash{String => Hash}] by step
    # @param fails [Hash{String => Integer}] of a step, how many attempts fail before one succeeds
    # @param slots [Integer] steps at the same time
    # @return [String] the outcome as Rust shows it
    def run(task, results:, fails: {}, slots: 3)
      line = JSON.generate({ task_id: task.task_id, slots:, results:, fails: })
      output, status = Open3.capture2({ "DATABASE_URL" => ENV.fetch("DATABASE_URL") }, PROGRAM, stdin_data: line)
      raise "#{PROGRAM} failed" unless status.success?

      JSON.parse(output).fetch("outcome")
    end
  end
end
