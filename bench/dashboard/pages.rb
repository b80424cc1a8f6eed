# frozen_string_literal: true

require_relative "../core/program"
require_relative "../report/report"
require_relative "pictures"

module Bench
  # Pages of the dashboard in two applications with the same open tasks: the tables of the one hold nothing else, those of the other many
  # finished tasks.
  class Pages
    DATABASES = { empty: "tasker_core_bench_pages_empty", many: "tasker_core_bench_pages_many" }.freeze
    # By what the page shows; %<task>d and %<step>d are those of an open task.
    PATHS = {
      "overview" => "", "tasks" => "/tasks", "tasks, failed" => "/tasks?state=error", "tasks, cancelled" => "/tasks?state=cancelled",
      "tasks, by name" => "/tasks?name=diamond", "tasks, by a name and a state that nothing has" => "/tasks?name=filler&state=error",
      "tasks, of a time" => "/tasks?to=2020-01-01", "task" => "/tasks/%<task>d", "step" => "/tasks/%<task>d/steps/%<step>d",
      "steps, ready" => "/steps?tab=ready", "steps, stuck" => "/steps?tab=stuck", "performance" => "/performance?window=week",
      "workers" => "/workers", "native" => "/native"
    }.freeze
    # What the dashboard promises.
    SLOWEST_MS = 150
    GROWTH = 3
    private_constant :DATABASES, :PATHS, :SLOWEST_MS, :GROWTH

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @ms = Hash.new { |hash, key| hash[key] = [] }
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      @application.with(DATABASES.values.to_h { |name| [name, "on"] }) do |workers|
        @workers = DATABASES.keys.zip(workers)
        Program.run("fill", @application.server.url(DATABASES.fetch(:many)), @options)
        workers.each { |worker| open_tasks(worker) }
        # The first round makes everything warm.
        (0..@options.rounds_of(15)).each { |round| @workers.each { |side, worker| visit(round, side, worker) } }
        [section(workers.first), {}]
      end
    end

    private

    def open_tasks(worker)
      worker.warm_up(Shapes.diamond)
      worker.ask("create_many", shape: "diamond", count: @options.pick(200, 2))
      connection = @application.server.connect(worker.name)
      connection.exec("VACUUM ANALYZE")
    ensure
      connection&.close
    end

    def visit(round, side, worker)
      PATHS.each do |page, path|
        ms = worker.ask("visit", path:).fetch("ms")
        @ms[[page, side]] << ms unless round.zero?
      end
    end

    def samples(page, side) = Samples.new(@ms.fetch([page, side]))

    def slowest = PATHS.keys.max_by { |page| samples(page, :many).median }

    # @return [String] whether the slowest page keeps what the dashboard promises
    def verdict
      many, empty = %i[many empty].map { |side| samples(slowest, side).median }
      kept = many < SLOWEST_MS && many <= GROWTH * empty
      "It takes #{many.round(1)} ms, #{(many / empty).round(1)} times as long: #{"not " unless kept}reached."
    end

    def section(worker)
      finished = Samples.short(Program.finished(@options))
      rows = PATHS.keys.map do |page|
        [page, samples(page, :empty), samples(page, :many), Samples.ratio(samples(page, :many), samples(page, :empty))]
      end
      text = "Milliseconds a page, whole requests in one process, with 200 open tasks. Beside #{finished} finished ones the slowest page " \
             "(#{slowest}) is to take less than #{SLOWEST_MS} ms, and at most #{GROWTH} times as long as in a database without them. " \
             "#{verdict} Pages that take a few milliseconds grow by more: a filter that nothing fits reads its whole budget of candidates."
      Markdown.section("Pages of the dashboard", "rake bench:dashboard",
                       [text, Markdown.table(["page", "no others", "#{finished} others", "times as long"], rows),
                        *Pictures.new(worker, @options).report, @application.describe(worker)])
    end
  end
end
