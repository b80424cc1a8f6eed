# frozen_string_literal: true

require_relative "program"

module Bench
  module Sections
    # What may run next, and dependency levels.
    module Readiness
      QUESTION = "Steps that can run next in one task that is half done, through sqlx, in milliseconds a query. *Engine's function*: " \
                 "its 16 columns, decoded. *First touch* has no cached graph; *cached graph* tracks the task " \
                 "([`ready_steps_of`](../src/operations/ready.rs)); *all 16 columns* returns the rows of the engine's function."
      BOUNDS = "Bounds in small tasks, from the same rounds: *round trip* is `select 1`; *done alone* lists completed " \
               "steps, which suffices only where the cached graph is trusted and no step has been tried before. " \
               "The core also reads the rows and the edges of the steps that come next."
      FOLLOW = "Done once to track a task, milliseconds: its graph is " \
               "read, or a cached graph is compared with the database's:"
      MANY = "Many small tasks in one query, milliseconds, and the bounds:"
      LEVELS = "Dependency levels, milliseconds (at 1,000 steps the engine's function does not end):"
      private_constant :QUESTION, :BOUNDS, :FOLLOW, :MANY, :LEVELS

      # @param program [Program]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def readiness(program)
        ms = { "engine's function" => "engine", "core, first touch" => "first touch", "core, cached graph" => "cached graph",
               "core, all 16 columns" => "all columns" }.transform_values { |name| ms_by_size(program, name) }
        parts = [QUESTION, by_size("steps", ms, "engine's function"),
                 Markdown.plot("readiness.svg", "milliseconds a question, by size of the task"),
                 BOUNDS, bounds(program), FOLLOW, follow(program), MANY, many(program), LEVELS, levels(program)]
        plot = Plot.new("What may run next", across: "steps of the task", upward: "ms a question", series: ms).lines
        ["Readiness", parts, { "readiness.svg" => plot }]
      end

      private

      # @return [Hash{Integer => Samples}]
      def ms_by_size(program, name) = program.of(name).transform_values(&:ms)

      def bounds(program)
        series = { "engine's function" => "engine", "core, cached graph" => "cached graph", "done alone" => "done alone",
                   "round trip" => "round trip" }.transform_values { |name| ms_by_size(program, name) }
        sizes = series.fetch("round trip").keys
        by_size("steps", series.transform_values { |points| points.slice(*sizes) }, "engine's function")
      end

      def follow(program)
        anew, kept = ["track anew", "track, kept"].map { |name| ms_by_size(program, name) }
        rows = anew.map { |size, ms| [Samples.short(size), ms, kept.fetch(size), Samples.ratio(ms, kept.fetch(size))] }
        Markdown.table(["steps", "graph read", "graph kept", "ratio"], rows)
      end

      def many(program)
        names = ["engine, one by one", "engine's batch", "all columns", "first touch", "cached graphs", "done alone", "round trip"]
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
