# frozen_string_literal: true

require_relative "results"
require_relative "series"

module Bench
  # Workflows of several shapes, created and run with the gem off, on as by default, and on without the fixes. By default also with
  # handlers that read the sequence which they are given.
  class Workflows
    MODES = %w[off on].freeze
    # The engine alone takes minutes for these: it runs them once, the gem several times.
    ONCE = %w[chain_200].freeze
    # So many that what precedes a round does not count: garbage is collected before, which leaves the caches of the processor empty.
    STEPS = 40
    READING = "In the same rounds and the same process: all fixes off; handlers that read the results of the steps they wait for, " \
              "by `sequence.find_step_by_name`; and handlers that read the names and the results of all of `sequence.steps`. A ratio is " \
              "the median of those of the rounds."
    IN_README = "The gem is on with its defaults, fixes included; handlers do nothing. " \
                "[docs/benchmarks.md](docs/benchmarks.md#workflows) also has the fixes off, and handlers that read results of other steps."
    private_constant :MODES, :ONCE, :STEPS, :READING, :IN_README

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
    end

    # Writes the README's table too, if it is about all shapes.
    # @return [Array(String, Hash)] the section and its plots
    def perform
      counting = @application.server.connect
      @application.with(MODES.to_h { |mode| ["tasker_core_bench_#{mode}", mode] }, repairs: true) do |workers|
        results = AppResults.new(measure(Series.of(workers), Demo::StatementCounter.new(counting)))
        Readme.write([results.overview, IN_README].join("\n\n")) unless @options.tiny || @options.shapes
        [section(results, workers.last), { "app.svg" => results.plot }]
      end
    ensure
      counting&.close
    end

    private

    def shapes = @options.shapes_of([*(Shapes.all - [Shapes.failing]), Shapes.named("chain_200")], [Shapes.linear])

    def rounds = @options.rounds_of(9)

    # @return [String, nil] the mode that runs it once
    def once(shape) = ONCE.include?(shape.name) ? "off" : nil

    def measure(series, counter)
      progress = Demo::Progress.new(shapes.sum { |shape| shape.size * samples(shape, series.size) }, $stderr)
      measurement = Demo::Measurement.new(series, counter, progress, steps: @options.pick(STEPS, 1))
      measurement.begin_with(Shapes.linear)
      shapes.to_h { |shape| [shape, measurement.measure(shape, rounds, once: once(shape))] }
    end

    def samples(shape, series)
      each = Demo::Measurement.rounds_of(shape, rounds)
      once(shape) ? 1 + (each * (series - 1)) : each * series
    end

    def section(results, worker)
      text = "Each pair is *off → on*: creating a task and running it to its end in a fresh application with production settings, names " \
             "and classes warm (#{Demo::Measurement::WARM} tasks before, which are not counted). A round is one task, or, of small ones, " \
             "as many as have #{STEPS} steps, one after the other. The gem is on as by default, fixes included; handlers do nothing."
      parts = [text, results.overview, Markdown.plot("app.svg", "steps a second, off and on"), READING, results.defaults,
               "The milliseconds with the range of all rounds:", results.ranges, *rare, @application.describe(worker)]
      Markdown.section("Workflows", "rake bench:app", parts)
    end

    # Said only where it is so.
    def rare
      names = shapes.select { |shape| once(shape) }.map(&:name)
      names.map { |name| "With the gem off #{name} was run once, since it takes the engine minutes; with the gem on as often as it says." }
    end
  end
end
