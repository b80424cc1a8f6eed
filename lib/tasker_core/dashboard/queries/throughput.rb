# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # How fast steps are executed, and which are slow, by the latest transitions: the engine has no index on their times, so the newest
    # {SAMPLE} by id stand for all.
    class Throughput
      SAMPLE = 5_000
      # Transitions whose attempts are compared.
      COMPARED = 2_000
      SLOWEST = 15
      # By name: seconds, and seconds of one bar.
      WINDOWS = { "hour" => [3_600, 60], "day" => [86_400, 1_800], "week" => [604_800, 14_400] }.freeze

      Bar = Data.define(:at, :complete, :error)
      Kind = Data.define(:step, :namespace, :task, :version, :attempts, :errors, :median, :p95, :longest, :total)
      Attempt = Data.define(:step_id, :task_id, :step, :task, :state, :seconds, :at)

      # @return [String] one of {WINDOWS}
      attr_reader :window

      # @param window [String, nil] anything else than one of {WINDOWS} counts as an hour
      # @param now [Time]
      def initialize(window = "hour", now: Time.current)
        @window = WINDOWS.key?(window) ? window : "hour"
        @now = now
      end

      # @return [Array<Bar>] oldest first, one for each part of the window
      def bars
        width = WINDOWS.fetch(@window).last
        last = @now.to_i / width
        counts = buckets.each_with_object(Hash.new(0)) { |row, sums| sums[[row["bucket"], row["to_state"]]] += row["count"] }
        ((last - (seconds / width) + 1)..last).map do |bucket|
          Bar.new(at: Time.at(bucket * width).utc, complete: counts[[bucket, "complete"]], error: counts[[bucket, "error"]])
        end
      end

      # @return [Time, nil] since when the sample is complete; nil where it holds everything
      def complete_since
        Time.at(buckets.map { |row| row["first"] }.min).utc if buckets.sum { |row| row["count"] } >= SAMPLE
      end

      # @return [Float] completed steps in a minute, over the part of the window that the sample covers
      def rate
        covered = [seconds, @now - (complete_since || (@now - seconds))].min
        bars.sum(&:complete) * 60 / [covered, 1.0].max
      end

      # @return [Array<Kind>] those that took the most time altogether
      def kinds
        @kinds ||= Rows.read("Slowest Kinds", <<~SQL, **binds).map { |row| Kind.new(**row.symbolize_keys) }
          #{attempts}
          SELECT m.name AS step, s.name AS namespace, n.name AS task, n.version, count(*) AS attempts,
                 count(*) FILTER (WHERE a.to_state = 'error') AS errors,
                 percentile_cont(0.5) WITHIN GROUP (ORDER BY a.seconds) AS median,
                 percentile_cont(0.95) WITHIN GROUP (ORDER BY a.seconds) AS p95, max(a.seconds) AS longest, sum(a.seconds) AS total
          FROM attempt a #{OF_DEFINITIONS}
          GROUP BY m.name, s.name, n.name, n.version ORDER BY total DESC, step LIMIT :slowest
        SQL
      end

      # @return [Array<Attempt>] the longest ones
      def slowest
        @slowest ||= Rows.read("Slowest Attempts", <<~SQL, **binds).map { |row| Attempt.new(**row.symbolize_keys) }
          #{attempts}
          SELECT a.workflow_step_id AS step_id, w.task_id, m.name AS step, n.name AS task, a.to_state AS state, a.seconds, a.created_at AS at
          FROM (SELECT * FROM attempt ORDER BY seconds DESC, workflow_step_id LIMIT :slowest) a #{OF_DEFINITIONS}
          ORDER BY a.seconds DESC, a.workflow_step_id
        SQL
      end

      OF_DEFINITIONS = <<~SQL
        JOIN tasker_workflow_steps w ON w.workflow_step_id = a.workflow_step_id
        JOIN tasker_named_steps m ON m.named_step_id = w.named_step_id
        JOIN tasker_tasks t ON t.task_id = w.task_id
        JOIN tasker_named_tasks n ON n.named_task_id = t.named_task_id
        JOIN tasker_task_namespaces s ON s.task_namespace_id = n.task_namespace_id
      SQL
      private_constant :OF_DEFINITIONS

      private

      def seconds = WINDOWS.fetch(@window).first

      def binds = { sample: SAMPLE, compared: COMPARED, slowest: SLOWEST, since: @now - seconds, width: WINDOWS.fetch(@window).last }

      def buckets
        @buckets ||= Rows.read("Throughput", <<~SQL, **binds)
          SELECT floor(extract(epoch FROM r.created_at) / :width)::bigint AS bucket, r.to_state, count(*) AS count,
                 min(extract(epoch FROM r.created_at))::float AS first
          FROM (SELECT created_at, to_state FROM tasker_workflow_step_transitions ORDER BY id DESC LIMIT :sample) r
          WHERE isfinite(r.created_at)
          GROUP BY 1, 2
        SQL
      end

      # An attempt lasts from a transition to `in_progress` to the next one of its step.
      def attempts
        <<~SQL
          WITH recent AS MATERIALIZED (
            SELECT id, workflow_step_id, to_state, created_at FROM tasker_workflow_step_transitions ORDER BY id DESC LIMIT :compared
          ), change AS (
            SELECT workflow_step_id, to_state, created_at, lag(to_state) OVER w AS before,
                   extract(epoch FROM created_at - lag(created_at) OVER w)::float AS seconds
            FROM recent WHERE isfinite(created_at) WINDOW w AS (PARTITION BY workflow_step_id ORDER BY id)
          ), attempt AS (
            SELECT * FROM change WHERE before = 'in_progress' AND to_state IN ('complete', 'error') AND created_at >= :since
          )
        SQL
      end
    end
  end
end
