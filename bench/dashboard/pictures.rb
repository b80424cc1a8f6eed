# frozen_string_literal: true

require_relative "../report/report"

module Bench
  # Pictures of tasks of three sizes, with the two statements that read the task.
  class Pictures
    # By steps.
    SHAPES = { 4 => "linear", 50 => "layers_50", 500 => "layers_500" }.freeze
    FORMATS = { "SVG" => "to_svg", "timeline" => "timeline_svg", "Mermaid" => "to_mermaid", "DOT" => "to_dot" }.freeze
    # What the SVG of the largest is to take at most.
    SVG_MS = 200
    private_constant :SHAPES, :FORMATS, :SVG_MS

    # @param worker [Bench::Worker]
    # @param options [Bench::Options]
    def initialize(worker, options)
      @worker = worker
      @options = options
    end

    # @return [Array<String>] a text and a table
    def report
      rows = FORMATS.map { |name, format| [name, *SHAPES.values.map { |shape| samples(shape, format) }] }
      largest = rows.first.last.median
      text = "Milliseconds a picture by the steps of the task, the two statements that read it included. The SVG of 500 steps is to " \
             "take less than #{SVG_MS} ms: it takes #{largest.round(1)} ms."
      [text, Markdown.table(["picture", *SHAPES.keys.map { |steps| "#{steps} steps" }], rows)]
    end

    private

    def samples(shape, format)
      @tasks ||= Hash.new { |tasks, name| tasks[name] = @worker.ask("create_many", shape: name, count: 1).first }
      draw = -> { @worker.ask("draw", task_id: @tasks[shape], format:).fetch("ms") }
      draw.call # makes everything warm
      Samples.new(Array.new(@options.rounds_of(15)) { draw.call })
    end
  end
end
