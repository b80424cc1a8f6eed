# frozen_string_literal: true

require "json"
require "open3"

# The program `tasker-core`, on the database of the specs.
module RustProgram
  ROOT = File.expand_path("../..", __dir__)
  PROGRAM = File.join(ROOT, "target/debug/tasker-core")
  private_constant :ROOT, :PROGRAM

  # What a run of the program has left.
  Run = Data.define(:code, :out, :err)

  class << self
    # With the features of the Rust tests, and an example beside it, so that the crates are those of the tests and none is compiled again.
    # @return [String] the folder of what was built
    def build
      output, status = Open3.capture2e(*%w[cargo build --quiet --all-features --bin tasker-core --example watch], chdir: ROOT)
      raise "cargo build failed:\n#{output}" unless status.success?

      File.dirname(PROGRAM)
    end

    # @param arguments [Array<#to_s>]
    # @param url [String] of the database
    # @return [Run]
    def try(*arguments, url: ENV.fetch("DATABASE_URL"))
      out, err, status = Open3.capture3({ "DATABASE_URL" => url, "PGOPTIONS" => nil }, PROGRAM, *arguments.map(&:to_s))
      Run.new(code: status.exitstatus, out:, err:)
    end

    # @return [String] its output
    # @raise [RuntimeError] if it fails
    def run(*arguments, **)
      run = try(*arguments, **)
      raise "tasker-core #{arguments.join(" ")} failed:\n#{run.err}" unless run.code.zero?

      run.out
    end

    # @return [Array] one value for each line of its output
    def lines(*arguments, **) = run(*arguments, **).lines.map { |line| JSON.parse(line) }
  end
end
