# frozen_string_literal: true

require_relative "factories"
require_relative "models"
require_relative "program"
require_relative "readiness"
require_relative "runs"
require_relative "scale"
require_relative "throughput"
require_relative "transitions"

module Bench
  # The sections of the document that the crate's own bench makes.
  module Sections
    NAMES = %w[readiness transitions creation core run scale factories models].freeze

    class << self
      include Factories
      include Models
      include Readiness
      include Runs
      include Scale
      include Throughput
      include Transitions

      # @param program [Program]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
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
    end
  end
end
