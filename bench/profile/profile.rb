# frozen_string_literal: true

require_relative "../demo/statement_counter"
require_relative "../report/report"
require_relative "durable_insert"
require_relative "sampled"
require_relative "work"

module Bench
  # Where the time goes that it takes to run tasks of several shapes, and to create a small one.
  class Profile
    MODES = %w[off on].freeze
    # By what {Demo::Profile} calls them, and the server's work.
    ROWS = {
      "statements_executed" => "statements", "ms" => "ms", "statements" => "ms in statements, as ActiveRecord waits for them",
      "server" => "ms of the server executing them, without commits", "processor" => "ms of the process's processor time",
      "garbage" => "ms collecting garbage", "objects" => "objects allocated"
    }.freeze
    # What is drawn, of each mode.
    DRAWN = { "ms" => "all", "processor" => "process", "server" => "server" }.freeze
    private_constant :MODES, :ROWS, :DRAWN

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @taken = Hash.new { |hash, key| hash[key] = [] }
      @inserts = []
      @sampled = Sampled.new
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      counting = @application.server.connect
      @counter = Demo::StatementCounter.new(counting)
      @application.with(MODES.to_h { |mode| [database(mode), mode] }, repairs: true) do |workers|
        warm(workers)
        (1..@options.rounds_of(7)).each { |round| take_round(workers, round) }
        works.each { |work| sample(workers.last, work) }
        [section(workers.last), { "profile.svg" => plot }]
      end
    ensure
      counting&.close
    end

    private

    def database(mode) = "tasker_core_bench_profile_#{mode}"

    def shapes = @options.shapes_of([Shapes.linear, Shapes.fan, Shapes.chain], [Shapes.linear])

    def works
      @works ||= [*shapes.map { |shape| Work.new(shape:) }, Work.new(shape: shapes.last, reading: "sequence"),
                  Work.new(shape: Shapes.linear, creating: true)]
    end

    def warm(workers)
      workers.each do |worker|
        worker.warm_up(Shapes.linear, tasks: @options.warm_tasks)
        works.each { |work| worker.warm_up(work.shape, reading: work.reading) }
      end
    end

    # Large shapes take the engine seconds; they are not run in every round.
    def take_round(workers, round)
      due = works.select { |work| round <= Demo::Measurement.rounds_of(work.shape, @options.rounds_of(7)) }
      due.each { |work| workers.each { |worker| take(worker, work) } }
      @inserts << DurableInsert.ms(@application.server, database("on"))
    end

    def take(worker, work)
      asked = work.prepare(worker, work.tasks(@options))
      profile, seen = @counter.watch(worker.name) { worker.ask(work.profile, **asked) }
      @taken[[worker.mode, work]] << profile.merge("server" => seen.ms, "statements_executed" => seen.statements)
    end

    def sample(worker, work)
      asked = work.prepare(worker, work.tasks_to_sample(@options))
      @sampled.add(work.name, worker.ask(work.sample, **asked))
    end

    def samples(mode, work, what) = Samples.new(@taken.fetch([mode, work]).map { |taken| taken.fetch(what) / work.tasks(@options) })

    def section(worker)
      text = "A task of one shape after the other, run to its end, and small ones created: what it takes of the process and of the " \
             "server. The gem is on as by default. Handlers do nothing, or read the names and the results of all steps of their sequence."
      parts = [text, *works.map { |work| table(work) }, Markdown.plot("profile.svg", "milliseconds a task"), floor, *@sampled.parts]
      Markdown.section("Where the time goes", "rake bench:profile", [*parts, @application.describe(worker)])
    end

    def table(work)
      rows = ROWS.map do |what, title|
        off, on = MODES.map { |mode| samples(mode, work, what) }
        [title, off, on, Samples.ratio(off, on)]
      end
      Markdown.table([work.title, "off", "on", "times less"], rows)
    end

    # Begin and end of the task and of each step.
    def floor
      insert = Samples.new(@inserts)
      least = shapes.map do |shape|
        commits = (shape.size + 1) * 2
        "#{commits} for #{shape.name}, which cost #{Samples.short(insert.median * commits)} ms"
      end
      "In the same run a row inserted durably into a table without indexes took #{insert} ms. The begin and the end of the task and of " \
        "each step are durable, whatever is done around them: #{least.join("; ")} on this machine at the least, where they do not overlap."
    end

    def plot
      series = MODES.product(DRAWN.keys).to_h do |mode, what|
        ["#{mode}, #{DRAWN.fetch(what)}", works.to_h { |work| [work.name, samples(mode, work, what)] }]
      end
      Plot.new("Where the time goes", across: "workflow", upward: "ms a task", series:).bars
    end
  end
end
