# frozen_string_literal: true

require_relative "../demo/sample"
require_relative "../report/report"

module Bench
  # What the application did with each shape, off and on, as tables.
  class AppResults
    MODES = %w[off on].freeze
    DEFAULTS = ["fixes off", "on", "parents", "sequence"].freeze
    # What is compared with what.
    PAIRS = { "on" => "fixes off", "parents" => "on", "sequence" => "on" }.freeze
    private_constant :MODES, :DEFAULTS, :PAIRS

    # @param samples [Hash{Shapes::Shape => Array<Demo::Sample>}]
    def initialize(samples)
      @samples = samples
    end

    # The table of the README.
    # @return [String]
    def overview
      header = ["workflow", "steps", "statements to create", "statements to run", "ms to create", "ms to run", "steps per second",
                "times as fast"]
      rows = @samples.keys.map do |shape|
        [shape.name, shape.size, statements(shape, :create), statements(shape, :run), ms(shape, :create), ms(shape, :run),
         both { |mode| Samples.short(rate(shape, mode).median) }, times(shape, :run)]
      end
      Markdown.table(header, rows)
    end

    # What the defaults cost beside the gem without fixes, and handlers that read beside those that do not.
    # @return [String]
    def defaults
      header = ["workflow", "statements, fixes off", "defaults", "reading parents", "reading all",
                "ms, fixes off", "defaults", "÷ fixes off", "reading parents", "÷ defaults", "reading all", "÷ defaults"]
      rows = @samples.keys.map do |shape|
        [shape.name, *DEFAULTS.map { |series| phase(shape, series, :run, :statements).median.round }, short(shape, "fixes off"),
         *PAIRS.flat_map { |series, beside| [short(shape, series), paired(shape, series, beside)] }]
      end
      Markdown.table(header, rows)
    end

    # @return [String] medians with the range of all rounds
    def ranges
      header = ["workflow", "rounds, on", "create, off", "create, on", "times as fast", "run, off", "run, on", "times as fast"]
      rows = @samples.keys.map do |shape|
        [shape.name, of(shape, "on").size, *timings(shape, :create), *timings(shape, :run)]
      end
      Markdown.table(header, rows)
    end

    # @return [String] SVG
    def plot
      series = MODES.to_h { |mode| ["gem #{mode}", @samples.keys.to_h { |shape| [shape.name, rate(shape, mode)] }] }
      Plot.new("Workflows in a Rails application", across: "workflow", upward: "steps a second", series:).bars
    end

    private

    def of(shape, mode) = @samples.fetch(shape).select { |sample| sample.mode == mode }

    def phase(shape, mode, phase, what)
      Samples.new(of(shape, mode).map { |sample| sample.public_send(phase).public_send(what) })
    end

    def timings(shape, phase)
      [*MODES.map { |mode| phase(shape, mode, phase, :ms) }, times(shape, phase)]
    end

    def statements(shape, phase) = both { |mode| phase(shape, mode, phase, :statements).median.round }

    def ms(shape, phase) = both { |mode| Samples.short(phase(shape, mode, phase, :ms).median) }

    def both(&) = MODES.map(&).join(" → ")

    def rate(shape, mode) = phase(shape, mode, :run, :ms).map { |ms| shape.size * 1000 / ms }

    def short(shape, series) = Samples.short(phase(shape, series, :run, :ms).median)

    # Round by round, since the machine is not as fast in one as in the next.
    def paired(shape, series, beside)
      pairs = [series, beside].map { |name| phase(shape, name, :run, :ms).values }.transpose
      format("%.2f", Samples.new(pairs.map { |one, other| one / other }).median)
    end

    def times(shape, phase) = Samples.ratio(phase(shape, "off", phase, :ms), phase(shape, "on", phase, :ms))
  end
end
