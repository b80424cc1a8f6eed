# frozen_string_literal: true

require "fileutils"
require_relative "end_state"
require_relative "json_report"
require_relative "measurement"
require_relative "progress"
require_relative "recordings"
require_relative "result"
require_relative "server"
require_relative "statement_counter"
require_relative "table"
require_relative "verdict"
require_relative "worker"

module Demo
  # One run of the demo, from databases to verdict.
  class Run
    FOLDER = File.expand_path("../../tmp/demo", __dir__)
    # The modes of the workers. The first two are measured, and record when that is done; the others only record.
    ROLES = { off: "off", on: "on", off_too: "off", on_subscribed: "on" }.freeze
    private_constant :FOLDER, :ROLES

    # @param options [Options]
    # @param server [Server]
    # @param out [IO]
    def initialize(options, server, out)
      @options = options
      @server = server
      @out = out
      FileUtils.mkdir_p(FOLDER)
      @workers = ROLES.to_h { |role, mode| [role, Worker.new(name: "tasker_core_demo_#{role}", mode:, server:, folder: FOLDER)] }
    end

    # @return [Boolean] whether everything holds that must
    def perform
      counting = @server.connect
      @counter = StatementCounter.new(counting)
      @server.with_fresh(@workers.values.map(&:name)) do
        results = observe
        verdict = Verdict.new(results, engine_statements)
        report(results, verdict, counting)
        verdict.problems.empty?
      ensure
        @workers.each_value(&:stop)
      end
    ensure
      counting&.close
    end

    private

    def observe
      progress = Progress.new(steps_to_run, @out)
      @workers.each_value(&:start)
      @workers.each_value(&:wait_until_ready)
      samples = measure(progress)
      recordings = record(progress)
      @options.shapes.map { |shape| Result.new(shape, samples.fetch(shape.name), recordings.fetch(shape.name)) }
    ensure
      progress&.finish
    end

    def measure(progress)
      measurement = Measurement.new(@workers.values_at(:off, :on), @counter, progress)
      measurement.begin_with(Shapes.linear)
      @options.shapes.to_h { |shape| [shape.name, measurement.measure(shape, @options.rounds)] }
    end

    def record(progress)
      workers = { off: @workers.values_at(:off, :off_too), on: [@workers[:on]], on_subscribed: [@workers[:on_subscribed]] }
      Recordings.new(workers, progress).record(@options.shapes)
    end

    def steps_to_run
      @options.shapes.sum { |shape| shape.size * (Measurement.samples_of(shape, @options.rounds) + 3) }
    end

    def engine_statements
      on = @workers.values.select { |worker| worker.mode == "on" }
      on.to_h { |worker| [worker.name, @counter.naming(worker.name, Verdict::ENGINE_SQL)] }
    end

    def report(results, verdict, counting)
      JsonReport.new(results, verdict, environment(counting)).write(@options.json) if @options.json
      @out.puts(Table.new(results), explanation, answers(verdict))
      @out.puts("Not faster in this run: #{verdict.slower.join(", ")}.") if verdict.slower.any?
      @out.puts("", "Problems (#{verdict.problems.size}):", *verdict.problems.map(&:to_s)) if verdict.problems.any?
    end

    def explanation
      "Two values are with tasker-core off → on, medians of the runs. Compared were, off against on: every column of task, steps, " \
        "edges and transitions but ids, instants and the identity hash, of every run; and, recorded apart from the timed runs, events " \
        "with their payloads and log lines of the task and of each step, in their order, without and with a subscriber."
    end

    def answers(verdict)
      on, subscribed, off = %i[on on_with_a_subscriber off].map do |mode|
        "#{verdict.answered(mode, "rust")} and #{verdict.answered(mode, "engine")}"
      end
      "Of the calls of the overridden methods, Rust and the engine's own code answered #{on} while on (#{subscribed} with a subscriber " \
        "to every event), #{off} while off."
    end

    def environment(counting)
      about = @workers.fetch(:on).environment.except("active", "problem")
      about.merge(postgres: counting.exec("SHOW server_version").getvalue(0, 0), rounds: @options.rounds)
    end
  end
end
