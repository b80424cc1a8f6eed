# frozen_string_literal: true

require "fileutils"
require_relative "../demo/end_state"
require_relative "../demo/measurement"
require_relative "../demo/progress"
require_relative "../demo/server"
require_relative "../demo/statement_counter"
require_relative "../demo/worker"
require_relative "../options"
require_relative "../report/report"

module Bench
  # Processes of the Rails application for a bench, each with a database of its own unless they share one.
  class Application
    FOLDER = File.expand_path("../../tmp/bench", __dir__)
    private_constant :FOLDER

    # @return [Demo::Server]
    attr_reader :server

    # @param server [Demo::Server]
    def initialize(server)
      @server = server
      FileUtils.mkdir_p(FOLDER)
    end

    # Runs a bench of the application as a program: its arguments are options, and DATABASE_URL names the server.
    # @param name [String] of its section
    # @param bench [Class] made of an application and options; it performs, and gives a section and its plots
    def self.bench(name, bench, arguments = ARGV)
      options = Options.read(arguments)
      text, plots = bench.new(new(Demo::Server.new(ENV.fetch("DATABASE_URL", ""))), options).perform
      puts text
      Document.new.write(name, text, plots) unless options.tiny
    end

    # Boots a process for each name, yields them and ends them.
    # @param modes [Hash{String => String}] "off" or "on", by name
    # @param repairs [Boolean] whether they are as in any application; off otherwise
    # @yieldparam workers [Array<Demo::Worker>]
    def with(modes, repairs: false, &)
      workers = modes.map { |name, mode| Demo::Worker.new(name:, mode:, server:, folder: FOLDER) }
      workers.each(&:with_repairs) if repairs
      with_workers(modes.keys, workers, &)
    end

    # The same with one database for all of them, and with the repairs that are on by default: without, the engine marks a step as failed
    # for which two processes race.
    # @param count [Integer]
    def with_shared(name, count, &)
      workers = Array.new(count) do |index|
        Demo::Worker.new(name:, mode: "on", server:, folder: FOLDER, label: "#{name}_#{index}").with_repairs
      end
      with_workers([name], workers, &)
    end

    # @return [String] a line of versions and settings
    def describe(worker)
      about = worker.environment
      ruby = "Ruby #{about["ruby"][/\d+\.\d+\.\d+/]} with YJIT #{about["yjit"] ? "on" : "off"}"
      Machine.describe(server, ruby, "Rails #{about["rails"]}", "log level #{about["log_level"]}")
    end

    private

    def with_workers(databases, workers)
      server.with_fresh(databases) do
        workers.each(&:start)
        workers.each(&:wait_until_ready)
        yield workers
      ensure
        workers.each(&:stop)
      end
    end
  end
end
