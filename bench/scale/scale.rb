# frozen_string_literal: true

require_relative "../app/definitions"
require_relative "../core/program"
require_relative "../demo/statement_counter"
require_relative "../report/report"

module Bench
  # What a step costs in tasks of several sizes, created and run in an application with the gem on, beside few finished tasks and
  # beside many.
  class Scale
    DATABASES = { few: "tasker_core_bench_scale_few", many: "tasker_core_bench_scale_many" }.freeze
    PHASES = { create: "Creating a task", run: "Running it to its end" }.freeze
    private_constant :DATABASES, :PHASES

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @ms = Hash.new { |hash, key| hash[key] = [] }
      @statements = {}
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      counting = @application.server.connect
      @counter = Demo::StatementCounter.new(counting)
      @application.with(DATABASES.values.to_h { |name| [name, "on"] }) do |workers|
        @workers = DATABASES.keys.zip(workers)
        fill
        workers.each { |worker| warm(worker) }
        @options.rounds_of(3).times { |round| sizes.each { |size| @workers.each { |side, worker| take(worker, round, side, size) } } }
        [section(workers.first), { "growth.svg" => plot }]
      end
    ensure
      counting&.close
    end

    private

    def sizes = @options.sizes || @options.pick([10, 100, 1000, 10_000], [10, 20])

    # Small tasks are so many that they take long enough for the clock.
    def tasks(size) = @options.pick((100 / size).clamp(1, 10), 1)

    def shape(size) = Shapes.named("layers_#{size}")

    def fill
      DATABASES.each { |side, name| Program.run("fill", @application.server.url(name), @options.with(finished: finished(side))) }
    end

    # @return [Integer] tasks
    def finished(side) = side == :few ? [Program.finished(@options) / Program::FEWER, 1].max : Program.finished(@options)

    def title(side) = "#{Samples.short(finished(side))} tasks"

    def warm(worker)
      worker.warm_up(Shapes.linear, tasks: @options.warm_tasks)
      define(worker.name)
      sizes.each { |size| worker.warm_up(shape(size)) }
    end

    def define(database)
      connection = @application.server.connect(database)
      sizes.each { |size| Definitions.make(connection, shape(size)) }
    ensure
      connection&.close
    end

    def take(worker, round, side, size)
      taken = Array.new(tasks(size)) { |number| one(worker, shape(size).name, "#{round} #{number}") }
      PHASES.each_key do |phase|
        statements, ms = taken.map { |task| task.fetch(phase) }.transpose
        @ms[[phase, side, size]] << (ms.sum / (size * taken.size))
        @statements[[phase, size]] = statements.last
      end
      progress(round, side, size)
    end

    def one(worker, shape, batch)
      create = phase(worker, "create", shape:, batch:)
      { create:, run: phase(worker, "run", shape:) }
    end

    def phase(worker, command, **arguments)
      answer, statements = @counter.count(worker.name) { worker.ask(command, **arguments) }
      [statements, answer.fetch("ms")]
    end

    def progress(round, side, size) = warn("bench: round #{round + 1} of #{@options.rounds_of(3)}, #{side} tasks, #{size} steps")

    def samples(phase, side) = sizes.to_h { |size| [size, Samples.new(@ms.fetch([phase, side, size]))] }

    def section(worker)
      text = "Tasks in layers of ten steps, each of which waits for three of the layer before, in two applications in turn: in the one " \
             "the tables hold #{Samples.short(finished(:few))} finished tasks of two steps, in the other " \
             "#{Samples.short(finished(:many))}. Milliseconds a step; a small task has fewer steps to bear what is done once."
      tables = PHASES.flat_map { |phase, title| ["*#{title}*:", Growth.table("ms a step", sides(phase))] }
      Markdown.section("Scale in the application", "rake bench:scale",
                       [text, counts, *tables, Markdown.plot("growth.svg", "milliseconds a step, by size"), @application.describe(worker)])
    end

    def sides(phase) = DATABASES.keys.to_h { |side| [title(side), samples(phase, side)] }

    def counts
      rows = sizes.map do |size|
        create, run = PHASES.keys.map { |phase| @statements.fetch([phase, size]) }
        [Samples.short(size), create, run, Samples.short(run / size.to_f)]
      end
      Markdown.table(["steps", "statements to create", "statements to run", "statements a step"], rows)
    end

    def plot
      series = PHASES.keys.product(DATABASES.keys).to_h { |phase, side| ["#{phase}, #{title(side)}", samples(phase, side)] }
      Plot.new("Cost of a step by the size of its task", across: "steps of the task", upward: "ms a step", series:).lines
    end
  end
end
