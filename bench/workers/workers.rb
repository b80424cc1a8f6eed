# frozen_string_literal: true

require_relative "../demo/statement_counter"
require_relative "../report/report"
require_relative "race"

module Bench
  # 1, 2, 4 and 8 processes that run tasks out of one database, each of which is offered to two of them.
  class Workers
    DATABASE = "tasker_core_bench_workers"
    SHAPE = "diamond"
    STEPS = 4
    # Tasks that each process runs before. The more processes there are, the fewer tasks are left to each, and the more it counts that its
    # code is still being compiled.
    WARM = 200
    private_constant :DATABASE, :SHAPE, :STEPS, :WARM

    # What a round gave: seconds, statements, and the busy share of the cores, if it is known.
    Taken = Data.define(:seconds, :statements, :busy)
    private_constant :Taken

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @taken = Hash.new { |hash, key| hash[key] = [] }
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      counting = @application.server.connect
      @counter = Demo::StatementCounter.new(counting)
      @application.with_shared(DATABASE, counts.max) do |workers|
        @race = Race.new(@application.server, DATABASE, workers)
        @race.warm(SHAPE, @options.pick(WARM, 1))
        @options.rounds_of(3).times { |round| counts.rotate(round).each { |count| take(round, count) } }
        [section(workers.first), { "workers.svg" => plot }]
      end
    ensure
      counting&.close
    end

    private

    def counts = @options.pick([1, 2, 4, 8], [1, 2])

    def tasks = @options.pick(1000, 8)

    def take(round, count)
      ids = @race.create(SHAPE, tasks)
      from = now
      (executed, busy), statements = @counter.count(DATABASE) { Cores.watch { @race.run(SHAPE, ids, count) } }
      seconds = now - from
      @race.check(executed)
      @taken[count] << Taken.new(seconds:, statements:, busy:)
      warn("bench: round #{round + 1} of #{@options.rounds_of(3)}, #{count} processes")
    end

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    def samples(count, &) = Samples.new(@taken.fetch(count).map(&))

    def rate(count) = samples(count) { |taken| tasks * STEPS / taken.seconds }

    def section(worker)
      rows = counts.map do |count|
        statements = samples(count) { |taken| taken.statements / (tasks * STEPS).to_f }
        [count, statements, rate(count), Samples.ratio(rate(count), rate(1)), busy(count)]
      end
      text = "#{Samples.short(tasks)} tasks of four steps, run by several processes of the application out of one database; the tables " \
             "are emptied before each run. Where there are several, each task is offered to two of them, and the one that begins it runs " \
             "it. After each run it is checked that the handler of every step was executed once in all processes together, and that by " \
             "the rows it has begun once and ended once. *Cores busy* counts everything on the machine, the server included."
      Markdown.section("Several workers", "rake bench:workers",
                       [text, Markdown.table(["processes", "statements a step", "steps a second", "against one", "cores busy"], rows),
                        Markdown.plot("workers.svg", "steps a second"), @application.describe(worker)])
    end

    def busy(count)
      return "" if @taken.fetch(count).any? { |taken| taken.busy.nil? }

      "#{(samples(count, &:busy).median * 100).round} %"
    end

    def plot
      series = { "the gem on" => counts.to_h { |count| [count.to_s, rate(count)] } }
      Plot.new("Several workers", across: "processes", upward: "steps a second", series:).bars
    end
  end
end
