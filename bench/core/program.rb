# frozen_string_literal: true

require "json"
require "open3"
require_relative "../report/report"

module Bench
  # The crate's own bench program (examples/bench), and what it measured.
  class Program
    # So many times fewer finished tasks are in the one of two databases than in the other. With none PostgreSQL would take its tables for
    # empty, and read all of them; the program says more.
    FEWER = 1_000
    ROOT = File.expand_path("../..", __dir__)
    private_constant :ROOT

    # One case at one size.
    #
    # @!attribute units
    #   @return [Integer] calls, steps or transitions in a round
    # @!attribute beside
    #   @return [Boolean] whether in the second database
    # @!attribute seconds
    #   @return [Samples] of a round
    Measured = Data.define(:name, :size, :units, :beside, :seconds) do
      # @return [Samples] milliseconds of one unit
      def ms = seconds.map { |value| value * 1000 / units }

      # @return [Samples] units in a second
      def rate = seconds.map { |value| units / value }
    end

    # @param subject [String]
    # @param url [String] of a database with the engine's tables
    # @param options [Options]
    # @param beside [String, nil] the URL of a second database, in which the same is measured in turn
    # @return [Program] after it has run
    def self.run(subject, url, options, beside: nil)
      arguments = [subject]
      arguments << "--tiny" if options.tiny
      arguments.push("--rounds", options.rounds.to_s) if options.rounds
      arguments.push("--finished", finished(options).to_s) if %w[scale fill].include?(subject)
      arguments.push("--beside", beside) if beside
      new(execute(arguments, url, options))
    end

    # @param options [Options]
    # @return [Integer] finished tasks that full tables hold
    def self.finished(options) = options.pick(options.finished, 20)

    # A tiny run proves that it works, for which the build of the tests will do.
    def self.execute(arguments, url, options)
      profile = options.tiny ? "dev" : "release"
      command = ["cargo", "run", "--quiet", "--profile", profile, "--features", "factories", "--example", "bench", "--", *arguments]
      output, status = Open3.capture2({ "DATABASE_URL" => url }, *command, chdir: ROOT)
      abort "bench: `#{command.join(" ")}` failed" unless status.success?

      JSON.parse(output)
    end
    private_class_method :execute

    # @param answer [Hash]
    def initialize(answer)
      @cases = answer.fetch("measured").map do |measured|
        seconds = Samples.new(measured.fetch("seconds"))
        size, units, beside = measured.fetch_values("size", "units", "beside")
        Measured.new(name: measured.fetch("case"), size:, units:, beside:, seconds:)
      end
    end

    # @param name [String]
    # @param beside [Boolean] whether in the second database
    # @return [Hash{Integer => Measured}] by size
    def of(name, beside: false)
      found = @cases.select { |measured| measured.name == name && measured.beside == beside }
      raise KeyError, "expected a case #{name.inspect}, got #{@cases.map(&:name).uniq.join(", ")}" if found.empty?

      found.to_h { |measured| [measured.size, measured] }
    end
  end
end
