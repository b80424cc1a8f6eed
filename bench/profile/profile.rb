# frozen_string_literal: true

require_relative "../demo/statement_counter"
require_relative "../report/report"

module Bench
  # Where the time of a task of four steps goes.
  class Profile
    SHAPE = "linear"
    MODES = %w[off on].freeze
    # By what {Demo::Profile} calls them, and the server's work.
    ROWS = {
      "ms" => "ms", "statements_executed" => "statements", "statements" => "ms in statements, as ActiveRecord waits for them",
      "server" => "ms of the server executing them, without commits", "processor" => "ms of the process's processor time",
      "garbage" => "ms collecting garbage", "objects" => "objects allocated"
    }.freeze
    # Begin and end of the task and of each step.
    DURABLE = 10
    INSERTS = 200
    private_constant :SHAPE, :MODES, :ROWS, :DURABLE, :INSERTS

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @taken = Hash.new { |hash, key| hash[key] = [] }
      @inserts = []
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      counting = @application.server.connect
      @counter = Demo::StatementCounter.new(counting)
      @application.with(MODES.to_h { |mode| [database(mode), mode] }) do |workers|
        workers.each { |worker| worker.ask("warm_up", shape: SHAPE, run: true, tasks: @options.warm_tasks) }
        @options.rounds_of(7).times { round(workers) }
        [section(workers.last), {}]
      end
    ensure
      counting&.close
    end

    private

    def database(mode) = "tasker_core_bench_profile_#{mode}"

    def tasks = @options.pick(10, 1)

    def round(workers)
      workers.each { |worker| take(worker) }
      @inserts << durable_insert
    end

    def take(worker)
      task_ids = worker.ask("create_many", shape: SHAPE, count: tasks)
      profile, work = @counter.watch(worker.name) { worker.ask("profile", shape: SHAPE, task_ids:) }
      @taken[worker.mode] << profile.merge("server" => work.ms, "statements_executed" => work.statements)
    end

    # @return [Float] milliseconds for a row of its own transaction, without indexes
    def durable_insert
      connection = @application.server.connect(database("on"))
      connection.exec("CREATE TABLE inserts (number integer)")
      from = Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
      INSERTS.times { |number| connection.exec_params("INSERT INTO inserts VALUES ($1)", [number]) }
      (Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond) - from) / INSERTS
    ensure
      connection.exec("DROP TABLE inserts")
      connection.close
    end

    def samples(mode, what) = Samples.new(@taken.fetch(mode).map { |taken| taken.fetch(what) / tasks })

    def section(worker)
      insert = Samples.new(@inserts)
      rows = ROWS.map do |what, title|
        off, on = MODES.map { |mode| samples(mode, what) }
        [title, off, on, Samples.ratio(off, on)]
      end
      text = "A task of four steps, one after the other, run to its end: what it takes of the process and of the server."
      floor = "In the same run a row inserted durably into a table without indexes took #{insert} ms. #{DURABLE} of the statements " \
              "with the gem on are durable, the begin and end of the task and of each step: on this machine they cost " \
              "#{Samples.short(insert.median * DURABLE)} ms at the least, whatever is done around them."
      Markdown.section("Where the time goes", "rake bench:profile",
                       [text, Markdown.table(["a task", "off", "on", "times less"], rows), floor, @application.describe(worker)])
    end
  end
end
