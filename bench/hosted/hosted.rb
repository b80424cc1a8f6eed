# frozen_string_literal: true

require_relative "../app/definitions"
require_relative "../report/report"

module Bench
  # What may run next in tasks of several sizes, asked inside the application in several ways.
  class Hosted
    # By {Demo::Readiness}, with what each is compared with.
    WAYS = {
      "SQL function, rows" => ["function", nil], "SQL function, rows cast" => ["cast", nil],
      "core, answer" => %w[answer function], "core, what may run" => %w[viable function],
      "engine's objects, by the engine" => ["objects_of_the_engine", nil],
      "engine's objects, by the core" => %w[objects objects_of_the_engine]
    }.freeze
    DATABASE = "tasker_core_bench_hosted"
    # Layers of ten; the first half of the steps is complete.
    COMPLETE_HALF = <<~SQL
      WITH half AS (
        SELECT workflow_step_id AS id FROM tasker_workflow_steps WHERE task_id = $1 ORDER BY 1
         LIMIT (SELECT count(*) / 20 * 10 FROM tasker_workflow_steps WHERE task_id = $1)
      ), step AS (
        UPDATE tasker_workflow_steps SET processed = true, attempts = 1, last_attempted_at = now()
         WHERE workflow_step_id IN (SELECT id FROM half)
      )
      INSERT INTO tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
      SELECT state, key, key = 20, id, now(), now() FROM half, (VALUES ('in_progress', 10), ('complete', 20)) s (state, key)
    SQL
    private_constant :WAYS, :DATABASE, :COMPLETE_HALF

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @ms = Hash.new { |hash, key| hash[key] = [] }
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      @application.with({ DATABASE => "on" }) do |(worker)|
        tasks = prepare(worker)
        (0..@options.rounds_of(9)).each { |round| tasks.each { |size, task| take(worker, round, size, task) } }
        [section(worker), { "hosted.svg" => plot }]
      end
    end

    private

    def sizes = @options.pick([10, 100, 1000, 10_000], [20])

    # Small tasks besides, for without the planner would know tasks of thousands of steps only, and take a small one for one of these.
    # @return [Hash{Integer => Integer}] tasks by size
    def prepare(worker)
      worker.warm_up(Shapes.linear)
      shapes = [10, *sizes].uniq.map { |size| Shapes.named("layers_#{size}") }
      connection { |open| shapes.each { |shape| Definitions.make(open, shape) } }
      worker.ask("create_many", shape: "layers_10", count: @options.pick(100, 1))
      tasks = sizes.to_h { |size| [size, worker.ask("create_many", shape: "layers_#{size}", count: 1).first] }
      connection { |open| tasks.each_value { |task| open.exec_params(COMPLETE_HALF, [task]) } }
      connection { |open| open.exec("VACUUM ANALYZE") }
      tasks
    end

    def connection
      open = @application.server.connect(DATABASE)
      yield open
    ensure
      open&.close
    end

    # The first round makes everything warm.
    def take(worker, round, size, task)
      calls = @options.pick((1000 / size).clamp(5, 50), 2)
      WAYS.each_value do |(way)|
        ms = worker.ask("ask_readiness", way:, task_id: task, calls:)["ms"] / calls
        @ms[[way, size]] << ms unless round.zero?
      end
    end

    def samples(way, size) = Samples.new(@ms.fetch([way, size]))

    def section(worker)
      rows = sizes.map { |size| [Samples.short(size), *WAYS.each_value.map { |way, base| cell(size, way, base) }] }
      text = "Steps that can run next in one task that is half done, inside a Rails application, in milliseconds a query, over " \
             "ActiveRecord's connection. *Rows* are what the driver returns, *rows cast* what ActiveRecord makes of them; the core's " \
             "columns are compared with the former. *Answer* is the whole result of the SQL function, in Rust, without Ruby " \
             "objects; *what may run* is the result that the engine's coordinator requests. The engine's objects are those that " \
             "`for_task` returns."
      Markdown.section("Readiness in the application", "rake bench:readiness",
                       [text, Markdown.table(["steps", *WAYS.keys], rows), Markdown.plot("hosted.svg", "milliseconds a question"),
                        @application.describe(worker)])
    end

    def cell(size, way, base)
      own = samples(way, size)
      base ? "#{own} **#{Samples.ratio(samples(base, size), own)}**" : own.to_s
    end

    def plot
      series = WAYS.to_h { |name, (way)| [name, sizes.to_h { |size| [size, samples(way, size)] }] }
      Plot.new("What may run next, in the application", across: "steps of the task", upward: "ms a question", series:).lines
    end
  end
end
