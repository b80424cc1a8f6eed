# frozen_string_literal: true

require_relative "program"
require_relative "scale"
require_relative "throughput"
require_relative "transitions"

module Bench
  # The sections of the document that the crate's own bench makes.
  module Sections
    NAMES = %w[readiness transitions creation core scale].freeze

    class << self
      include Scale
      include Throughput
      include Transitions

      # @param program [Program]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def readiness(program)
        series = { "engine's function" => "engine", "core, first touch" => "first touch", "core, known graph" => "known graph",
                   "core, all 16 columns" => "all columns" }
        ms = series.transform_values { |name| program.of(name).transform_values(&:ms) }
        parts = [
          "What may run next in one task that is half done, through sqlx, in milliseconds a question. *Engine's function*: its 16 " \
          "columns, decoded. *First touch* knows nothing of the task; *known graph* follows it " \
          "([`ready_steps_of`](../src/operations/ready.rs)); *all 16 columns* is the same answer as the engine's function.",
          by_size("steps", ms, "engine's function"), Markdown.plot("readiness.svg", "milliseconds a question, by size of the task"),
          "What is done once to follow a task, milliseconds: its graph is read, or, where a graph is kept, compared with the database's:",
          follow(program),
          "Many small tasks in one question, milliseconds:", many(program),
          "Dependency levels, milliseconds (at 1,000 steps the engine's function does not end):", levels(program)
        ]
        plot = Plot.new("What may run next", across: "steps of the task", upward: "ms a question", series: ms).lines
        ["Readiness", parts, { "readiness.svg" => plot }]
      end

      # @param program [Program]
      def creation(program)
        made = program.of("core")
        rows = made.map { |size, measured| [Samples.short(size), measured.ms, measured.ms.map { |ms| ms * 1000 / size }] }
        series = { "core" => made.to_h { |size, measured| [size, measured.ms.map { |ms| ms * 1000 / size }] } }
        plot = Plot.new("Creating a task", across: "steps of the task", upward: "µs a step", series:).lines
        ["Creation", ["The steps of a task and the edges between them, one statement through sqlx, durable.",
                      Markdown.table(["steps", "ms a task", "µs a step"], rows),
                      Markdown.plot("creation.svg", "microseconds a step, by size")],
         { "creation.svg" => plot }]
      end

      private

      # A row for each size, a column for each series; with a base also how many times as fast each is.
      def by_size(unit, series, base = nil)
        sizes = series.values.flat_map(&:keys).uniq.sort
        rows = sizes.map do |size|
          [Samples.short(size), *series.map { |name, points| cell(points[size], name == base ? nil : series.dig(base, size)) }]
        end
        Markdown.table([unit, *series.keys], rows)
      end

      def cell(samples, base)
        return "" unless samples

        base ? "#{samples} **#{Samples.ratio(base, samples)}**" : samples.to_s
      end

      def follow(program)
        anew, kept = ["follow anew", "follow, kept"].map { |name| program.of(name).transform_values(&:ms) }
        rows = anew.map { |size, ms| [Samples.short(size), ms, kept.fetch(size), Samples.ratio(ms, kept.fetch(size))] }
        Markdown.table(["steps", "graph read", "graph kept", "ratio"], rows)
      end

      def many(program)
        names = ["engine, one by one", "engine's batch", "all columns", "first touch", "known graphs"]
        found = names.to_h { |name| [name, program.of("many: #{name}").values.first] }
        base = found.fetch("engine's batch").ms
        rows = found.map { |name, measured| [name, measured.ms, Samples.ratio(base, measured.ms)] }
        Markdown.table(["#{found.values.first.size} tasks of 10 steps", "ms a question", "against the batch function"], rows)
      end

      def levels(program)
        engine = program.of("levels: engine")
        rows = program.of("levels: core").map do |size, measured|
          theirs = engine[size]&.ms
          [Samples.short(size), theirs || "", measured.ms, theirs ? Samples.ratio(theirs, measured.ms) : ""]
        end
        Markdown.table(%w[steps engine core ratio], rows)
      end
    end
  end
end
