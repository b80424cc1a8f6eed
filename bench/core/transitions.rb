# frozen_string_literal: true

require_relative "program"

module Bench
  module Sections
    # Transitions one by one and in batches, with the indexes of their table and with those only that keep rows apart.
    module Transitions
      TEXT = "Durable transitions of steps through sqlx, on one connection. *Statement by statement* is what Statesman sends for one " \
             "transition, without what Ruby adds to it. A batch saves round trips and commits; it cannot save the upkeep of the indexes, " \
             "each of which changes twice for a step."
      INDEXES = "The cost of that upkeep: the same, in turn with the above, where %<dropped>d of the %<all>d indexes on the transitions' " \
                "table are dropped, all that are not unique. This is no advice: the engine's own queries use some of them."
      private_constant :TEXT, :INDEXES

      # @param program [Program] that has run in two databases
      # @param all [Integer] indexes on the table in the first
      # @param dropped [Integer] of these in the second
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def transitions(program, all, dropped)
        sides = { "as installed" => ways(program), "unique indexes only" => ways(program, beside: true) }
        full, lean = sides.values
        ["Transitions",
         [TEXT, batches(full), format(INDEXES, all:, dropped:), without_indexes(full, lean), Markdown.plot("transitions.svg", "a second")],
         { "transitions.svg" => bars(sides) }]
      end

      private

      # @return [Hash{String => Program::Measured}] by title
      def ways(program, beside: false)
        single = ["statement by statement", "single"].to_h { |name| [name, program.of(name, beside:).fetch(1)] }
        single.merge(program.of("batch", beside:).transform_keys { |size| "#{Samples.short(size)} in a batch" })
      end

      def batches(ways)
        bases = ways.values.first(2)
        rows = ways.map do |name, measured|
          [name, measured.rate, measured.ms, *bases.map { |base| Samples.ratio(base.ms, measured.ms) }]
        end
        Markdown.table(["", "a second", "ms each", "against statements", "against single"], rows)
      end

      def without_indexes(full, lean)
        single = lean.fetch("single").ms
        rows = lean.map do |name, measured|
          [name, measured.rate, measured.ms, Samples.ratio(single, measured.ms), Samples.ratio(full.fetch(name).ms, measured.ms)]
        end
        Markdown.table(["unique indexes only", "a second", "ms each", "against single", "against all indexes"], rows)
      end

      def bars(sides)
        series = sides.transform_values { |ways| ways.transform_keys { |name| name.sub(" in a batch", "") }.transform_values(&:rate) }
        Plot.new("Transitions, durable", across: "one by one, and in batches of", upward: "transitions a second", series:).bars
      end
    end
  end
end
