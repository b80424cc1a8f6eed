# frozen_string_literal: true

require_relative "../report/report"

module Bench
  # 1, 2, 4 and 8 processes that run tasks out of one database, and whether any step was run twice.
  class Workers
    DATABASE = "tasker_core_bench_workers"
    SHAPE = "diamond"
    # Steps that did not begin and end exactly once.
    ODD = <<~SQL
      SELECT count(*) FROM tasker_workflow_steps s
       WHERE s.attempts <> 1 OR NOT s.processed OR (
         SELECT array_agg(t.to_state::text ORDER BY t.sort_key) FROM tasker_workflow_step_transitions t
          WHERE t.workflow_step_id = s.workflow_step_id) <> '{in_progress,complete}'
    SQL
    private_constant :DATABASE, :SHAPE, :ODD

    # @param application [Bench::Application]
    # @param options [Bench::Options]
    def initialize(application, options)
      @application = application
      @options = options
      @seconds = Hash.new { |hash, key| hash[key] = [] }
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      @application.with_shared(DATABASE, counts.max) do |workers|
        each_at_once(workers) { |worker| worker.ask("warm_up", shape: SHAPE, run: true, tasks: @options.warm_tasks) }
        @options.rounds_of(1).times { counts.each { |count| @seconds[count] << take(workers.first(count)) } }
        [section(workers.first), { "workers.svg" => plot }]
      end
    end

    private

    def counts = @options.pick([1, 2, 4, 8], [1, 2])

    def tasks = @options.pick(1000, 4)

    # Tasks are dealt out in turn, as a queue would.
    def take(workers)
      shares = each_at_once(workers) { |worker| worker.ask("create_many", shape: SHAPE, count: tasks / workers.size) }
      ids = shares.flatten.shuffle.each_slice((tasks / workers.size.to_f).ceil).to_a
      from = now
      each_at_once(workers.zip(ids)) { |worker, task_ids| worker.ask("run_many", shape: SHAPE, task_ids:) }
      (now - from).tap { check }
    end

    def each_at_once(items, &) = items.map { |item| Thread.new(item, &) }.map(&:value)

    def check
      connection = @application.server.connect(DATABASE)
      odd = connection.exec(ODD).getvalue(0, 0).to_i
      connection.close
      abort "bench: expected every step to begin and end once, got #{odd} that did not" unless odd.zero?
    end

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    def rates = counts.to_h { |count| [count.to_s, Samples.new(@seconds.fetch(count)).map { |seconds| tasks * 4 / seconds }] }

    def section(worker)
      one = rates.fetch("1")
      rows = rates.map { |count, rate| [count, rate, format("%.2f", rate.median / one.median)] }
      text = "#{Samples.short(tasks)} tasks of four steps, run by several processes of the application out of one database. After each " \
             "run it is checked that every step has begun once and ended once."
      Markdown.section("Several workers", "rake bench:workers",
                       [text, Markdown.table(["processes", "steps a second", "against one"], rows),
                        Markdown.plot("workers.svg", "steps a second"), @application.describe(worker)])
    end

    def plot
      Plot.new("Several workers", across: "processes", upward: "steps a second", series: { "the gem on" => rates }).bars
    end
  end
end
