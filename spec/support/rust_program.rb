# frozen_string_literal: true

require "json"
require "open3"

# The program `tasker-core`, on the database of the specs.
module RustProgram
  ROOT = File.expand_path("../..", __dir__)
  PROGRAM = File.join(ROOT, "target/debug/tasker-core")
  private_constant :ROOT, :PROGRAM

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
    # @return [String] its output
    # @raise [RuntimeError] if it fails
    def run(*arguments, url: ENV.fetch("DATABASE_URL"))
      output, errors, status = Open3.capture3({ "DATABASE_URL" => url, "PGOPTIONS" => nil }, PROGRAM, *arguments.map(&:to_s))
      raise "tasker-core #{arguments.join(" ")} failed:\n#{errors}" unless status.success?

      output
    end

    # @return [Array] one value for each line of its output
    def lines(*arguments, **) = run(*arguments, **).lines.map { |line| JSON.parse(line) }
  end
end
