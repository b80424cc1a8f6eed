# frozen_string_literal: true

require "json"
require "open3"
require_relative "../report/report"

module Bench
  # The crate's own bench program (examples/bench), and what it measured.
  class Program
    ROOT = File.expand_path("../..", __dir__)
    private_constant :ROOT

    # One case at one size.
    #
    # @!attribute units
    #   @return [Integer] calls, steps or transitions in a round
    # @!attribute seconds
    #   @return [Samples] of a round
    Measured = Data.define(:name, :size, :units, :seconds) do
      # @return [Samples] milliseconds of one unit
      def ms = seconds.map { |value| value * 1000 / units }

      # @return [Samples] units in a second
      def rate = seconds.map { |value| units / value }
    end

    # @param subject [String]
    # @param url [String] of a database with the engine's tables
    # @param options [Options]
    # @return [Program] after it has run
    def self.run(subject, url, options)
      arguments = [subject]
      arguments << "--tiny" if options.tiny
      arguments.push("--rounds", options.rounds.to_s) if options.rounds
      arguments.push("--finished", options.pick(options.finished, 20).to_s) if subject == "scale"
      new(execute(arguments, url, options))
    end

    # A tiny run proves that it works, for which the build of the tests will do.
    def self.execute(arguments, url, options)
      profile = options.tiny ? "dev" : "release"
      command = ["cargo", "run", "--quiet", "--profile", profile, "--example", "bench", "--", *arguments]
      output, status = Open3.capture2({ "DATABASE_URL" => url }, *command, chdir: ROOT)
      abort "bench: `#{command.join(" ")}` failed" unless status.success?

      JSON.parse(output)
    end
    private_class_method :execute

    # @param answer [Hash]
    def initialize(answer)
      @cases = answer.fetch("measured").map do |measured|
        seconds = Samples.new(measured.fetch("seconds"))
        Measured.new(name: measured.fetch("case"), size: measured.fetch("size"), units: measured.fetch("units"), seconds:)
      end
    end

    # @param name [String]
    # @return [Hash{Integer => Measured}] by size
    def of(name)
      found = @cases.select { |measured| measured.name == name }
      raise KeyError, "expected a case #{name.inspect}, got #{@cases.map(&:name).uniq.join(", ")}" if found.empty?

      found.to_h { |measured| [measured.size, measured] }
    end
  end
end
