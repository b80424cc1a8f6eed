# frozen_string_literal: true

require "rbconfig"
require "securerandom"
require_relative "../demo/statement_counter"
require_relative "../report/report"

module Bench
  module Queues
    # One run of the comparison: every shape on every side, in turn.
    class Comparison
      SHAPES = { "chain" => "a chain of 50", "fan_in" => "20 that one waits for", "chains" => "20 chains of 10" }.freeze
      SIDES = { "workflow, the gem on" => "on", "Solid Queue" => "solid", "GoodJob" => "good" }.freeze
      # Rounds that are not counted, while Ruby still compiles what it runs.
      WARMING = 3
      PROCESS = File.expand_path("process.rb", __dir__)
      LOGS = File.expand_path("../../tmp/bench", __dir__)
      private_constant :SHAPES, :SIDES, :WARMING, :PROCESS, :LOGS

      # @param application [Bench::Application]
      # @param options [Bench::Options]
      def initialize(application, options)
        @application = application
        @options = options
        @seconds = Hash.new { |hash, key| hash[key] = [] }
        @statements = {}
      end

      # @return [Array(String, Hash)] the section and its plots
      def perform
        counting = @application.server.connect
        @counter = Demo::StatementCounter.new(counting)
        @application.with({ database("on") => "on" }) do |(worker)|
          @worker = worker
          with_queues { measure }
        end
        [section, { "queues.svg" => plot }]
      ensure
        counting&.close
      end

      private

      def database(side) = "tasker_core_bench_#{side}"

      def with_queues
        names = %w[solid good]
        @application.server.with_databases(names.map { |name| database(name) }) do
          @queues = names.to_h { |name| [name, start(name)] }
          yield
        ensure
          @queues&.each_value(&:close)
        end
      end

      def start(name)
        environment = { "DATABASE_URL" => @application.server.url(database(name)), "RAILS_ENV" => "production", "TASKER_CORE" => "off" }
        process = IO.popen(environment, [RbConfig.ruby, PROCESS, name, File.join(LOGS, "#{name}.log")], "r+")
        greeting = process.gets
        return process if greeting == "ready true\n"

        abort "bench: expected #{name} to be ready with YJIT on, got #{greeting.inspect}"
      end

      def measure
        @worker.warm_up(Shapes.linear, tasks: @options.warm_tasks)
        warming = @options.pick(WARMING, 1)
        (1..(warming + @options.rounds_of(7))).each do |round|
          SHAPES.each_key do |shape|
            SIDES.each_value { |side| take(shape, side, counted: round > warming) }
          end
        end
      end

      def take(shape, side, counted:)
        seconds, statements = alone(side) { @counter.count(database(side)) { side == "on" ? workflow(shape) : job(shape, side) } }
        return unless counted

        @seconds[[shape, side]] << seconds
        @statements[[shape, side]] = statements
      end

      # Queues ask for work all the time. The others are stopped while one is measured.
      def alone(side)
        others = @queues.except(side).values.map(&:pid)
        Process.kill("STOP", *others)
        yield
      ensure
        Process.kill("CONT", *others)
      end

      def workflow(shape)
        created = @worker.ask("create", shape:, batch: SecureRandom.hex(4))
        (created["ms"] + @worker.ask("run", shape:)["ms"]) / 1000
      end

      def job(shape, side)
        process = @queues.fetch(side)
        process.puts(shape)
        Float(process.gets || abort("bench: #{side} ended in #{shape}"))
      end

      def samples(shape, side) = Samples.new(@seconds.fetch([shape, side]))

      def section
        text = "The same work as a workflow (created and run to its end, the gem on) and as plain Active Job jobs that do nothing but " \
               "enqueue what comes next (a batch with a callback, where one waits for many); one process each, five threads, YJIT on. " \
               "While one is measured, the others are held. " \
               "Unlike the jobs, the workflow keeps results, retries and a history of each step."
        parts = [text, *SHAPES.map { |shape, title| table(shape, title) }, Markdown.plot("queues.svg", "steps a second"),
                 @application.describe(@worker)]
        Markdown.section("Beside plain job queues", "rake bench:queues", parts)
      end

      def table(shape, title)
        own = samples(shape, "on")
        rows = SIDES.map do |name, side|
          taken = samples(shape, side)
          size = Shapes.named(shape).size
          [name, format("%.1f", @statements.fetch([shape, side]) / size.to_f), taken.map { |seconds| size / seconds },
           taken.map { |seconds| seconds * 1000 }, Samples.ratio(taken, own)]
        end
        Markdown.table([title, "statements a step", "steps a second", "ms", "times the workflow's time"], rows)
      end

      def plot
        series = SIDES.to_h do |name, side|
          [name, SHAPES.keys.to_h { |shape| [shape, samples(shape, side).map { |seconds| Shapes.named(shape).size / seconds }] }]
        end
        Plot.new("Workflows beside job queues", across: "work", upward: "steps a second", series:).bars
      end
    end
  end
end
