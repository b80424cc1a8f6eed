# frozen_string_literal: true

require "json"
require "open3"
require_relative "../report/samples"

module Bench
  # What ActiveRecord takes to read the rows that examples/bench/models.rs has made. It runs in an application of its own, with the gem off:
  # the engine's models are the same with it.
  class ActiveRecordReads
    ROOT = File.expand_path("../..", __dir__)
    private_constant :ROOT

    # @param url [String] of the database
    # @param options [Options]
    def initialize(url, options)
      @url = url
      @rounds = options.rounds_of(9)
      @tiny = options.tiny
    end

    # @return [Hash{String => Samples}] milliseconds a call, by the names of the program's cases
    def ms
      @ms ||= JSON.parse(run).transform_values { |values| Samples.new(values) }
    end

    private

    def run
      environment = { "DATABASE_URL" => @url, "RAILS_ENV" => "production", "TASKER_CORE" => "off", "SECRET_KEY_BASE" => "bench" }
      command = ["spec/dummy/bin/rails", "runner", "bench/core/active_record_reads/program.rb", @rounds.to_s, @tiny.to_s]
      output, errors, status = Open3.capture3(environment, *command, chdir: ROOT)
      abort "bench: `#{command.join(" ")}` failed: #{errors}" unless status.success?

      output.lines.last
    end
  end
end
