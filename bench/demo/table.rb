# frozen_string_literal: true

require "tty-table"

module Demo
  # The results for people.
  class Table
    HEADER = [
      "shape", "steps", "runs", "statements\nto create", "statements\nto run", "ms\nto create", "ms\nto run", "steps/s", "times\nas fast",
      "same\nend state"
    ].freeze
    private_constant :HEADER

    # @param results [Array<Result>]
    def initialize(results)
      @results = results
    end

    # @return [String] with two values in a cell: off and on
    def to_s
      table = TTY::Table.new(header: HEADER, rows: @results.map { |result| row(result) })
      alignments = [:left, *Array.new(HEADER.size - 2, :right), :left]
      table.render(:unicode, multiline: true, padding: [0, 1], alignments:, width: 1000)
    end

    private

    def row(result)
      [
        result.shape.name, result.shape.size, result.rounds,
        both { |mode| result.statements(mode, :create) }, both { |mode| result.statements(mode, :run) },
        both { |mode| result.ms(mode, :create).round }, both { |mode| result.ms(mode, :run).round },
        both { |mode| result.steps_per_second(mode).round(1) },
        format("%.1f", result.ratio), result.differences.empty? ? "yes" : "no"
      ]
    end

    def both(&)
      %w[off on].map(&).join(" → ")
    end
  end
end
