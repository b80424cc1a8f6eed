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

    # Boots a process for each name, yields them and ends them.
    # @param modes [Hash{String => String}] "off" or "on", by name
    # @yieldparam workers [Array<Demo::Worker>]
    def with(modes)
      workers = modes.map { |name, mode| Demo::Worker.new(name:, mode:, server:, folder: FOLDER) }
      server.with_fresh(modes.keys) do
        boot(workers)
        yield workers
      ensure
        workers.each(&:stop)
      end
    end

    # The same with one database for all of them.
    # @param count [Integer]
    def with_shared(name, count)
      workers = Array.new(count) do |index|
        Demo::Worker.new(name:, mode: "on", server:, folder: FOLDER, label: "#{name}_#{index}")
      end
      server.with_fresh([name]) do
        boot(workers)
        yield workers
      ensure
        workers.each(&:stop)
      end
    end

    # @return [String] a line of versions and settings
    def describe(worker)
      about = worker.environment
      ruby = "Ruby #{about["ruby"][/\d+\.\d+\.\d+/]} with YJIT #{about["yjit"] ? "on" : "off"}"
      Machine.describe(server, ruby, "Rails #{about["rails"]}", "log level #{about["log_level"]}")
    end

    private

    def boot(workers)
      workers.each(&:start)
      workers.each(&:wait_until_ready)
    end
  end
end
