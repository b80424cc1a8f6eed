# frozen_string_literal: true

require "json"
require "open3"
require_relative "../report/report"

module Bench
  # A small question through the core in every language, beside the same statement through the bare driver.
  class Hosts
    DATABASE = "tasker_core_bench_hosts"
    ROOT = File.expand_path("../..", __dir__)
    ORDER = File.join(ROOT, "examples/browser/order.sql")
    # By what the bare driver takes; what is aimed at.
    LIMITS = { /\APython/ => 1.7, /WebAssembly/ => 1.9, /\ANode/ => 1.7 }.freeze
    private_constant :DATABASE, :ROOT, :ORDER, :LIMITS

    # @param server [Demo::Server]
    # @param options [Bench::Options]
    def initialize(server, options)
      @server = server
      @options = options
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      @server.with_fresh([DATABASE]) do
        fill
        [section(measure), {}]
      end
    end

    private

    def fill
      connection = @server.connect(DATABASE)
      connection.exec(File.read(ORDER))
      connection.exec("ANALYZE")
    ensure
      connection&.close
    end

    # @return [Hash{String => Hash}] what each host took
    def measure
      rounds = @options.rounds_of(60).to_s
      calls = @options.pick(50, 2).to_s
      url = @server.url(DATABASE)
      node = ["node", "bench/hosts/host.mjs", url, rounds, calls]
      [
        run({}, "tmp/python/bin/python", "bench/hosts/host.py", url, rounds, calls), run({ "TASKER_CORE_WASM" => nil }, *node),
        run({ "TASKER_CORE_WASM" => "1" }, *node),
        run({ "DATABASE_URL" => url }, RbConfig.ruby, "--yjit", "bench/hosts/host.rb", rounds, calls)
      ].reduce(:merge)
    end

    def run(environment, *command)
      output, status = Open3.capture2(environment, *command, chdir: ROOT)
      abort "bench: `#{command.join(" ")}` ended with #{status.exitstatus}" unless status.success?

      JSON.parse(output.lines.last)
    end

    def section(taken)
      import = Samples.new(taken.delete("import").fetch("ms"))
      rows = taken.map { |name, sides| row(name, sides.transform_values { |values| Samples.new(values) }) }
      text = "The readiness of four steps of a task of eight, in microseconds a question, from the call to the answer as the language's " \
             "own values; and the core's statement alone through the same driver, prepared, rows read. For Ruby it is ActiveRecord, and " \
             "the answer is the engine's objects. The last columns are the processor time of the process, which depends on other " \
             "load of the machine the least."
      table = Markdown.table(["host", "bare driver", "core", "core ÷ bare", "aimed at", "on a processor, bare", "core"], rows)
      imported = "Importing the Python package takes #{import} ms in a new process; the aim is below 5."
      Markdown.section("The core in other languages", "rake bench:hosts", [text, table, imported, Machine.describe(@server)])
    end

    def row(name, sides)
      _, limit = LIMITS.find { |pattern, _| pattern.match?(name) }
      bare, core = sides.values_at("bare", "core")
      on_processor = sides.values_at("bare_cpu", "core_cpu").map { |samples| Samples.short(samples.median) }
      [name, bare, core, Samples.ratio(core, bare), limit ? "#{limit}×" : "–", *on_processor]
    end
  end
end
