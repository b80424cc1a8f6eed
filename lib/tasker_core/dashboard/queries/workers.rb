# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # Who has claimed what, by the claims in the newest unfinished tasks and the locks of the workers.
    class Workers
      TASKS = 5_000
      CLAIMS = 200

      # @!attribute [r] key
      #   @return [String, nil] nil for claims without one: recovery was off, or the engine's own code has claimed
      # @!attribute [r] locked
      #   @return [Boolean] whether the worker lives; always false without a key
      Worker = Data.define(:key, :tasks, :steps, :since, :locked, :pid, :address, :application, :started_at)

      SQL = <<~SQL
        WITH unfinished AS MATERIALIZED (
          SELECT task_id FROM tasker_tasks WHERE complete = false ORDER BY task_id DESC LIMIT :tasks
        ), claim AS (
          SELECT t.metadata #>> '{tasker_core,worker}' AS key, true AS task, t.created_at
          FROM unfinished u CROSS JOIN LATERAL (
            SELECT * FROM tasker_task_transitions t WHERE t.task_id = u.task_id AND t.most_recent OFFSET 0
          ) t WHERE t.to_state = 'in_progress'
          UNION ALL
          SELECT t.metadata #>> '{tasker_core,worker}', false, t.created_at
          FROM unfinished u CROSS JOIN LATERAL (
            SELECT t.* FROM tasker_workflow_steps s
            JOIN tasker_workflow_step_transitions t ON t.workflow_step_id = s.workflow_step_id AND t.most_recent
            WHERE s.task_id = u.task_id AND NOT s.processed OFFSET 0
          ) t WHERE t.to_state = 'in_progress'
        ), worker AS (
          SELECT key, count(*) FILTER (WHERE task) AS tasks, count(*) FILTER (WHERE NOT task) AS steps, min(created_at) AS since
          FROM claim GROUP BY key ORDER BY since LIMIT :claims
        ), held AS (
          SELECT ((l.classid::bigint << 32) | l.objid::bigint)::text AS key, a.pid, host(a.client_addr) AS address,
                 a.application_name AS application, a.backend_start AS started_at
          FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
          WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND l.mode = 'ExclusiveLock'
            AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        )
        SELECT w.key, w.tasks, w.steps, w.since, h.pid IS NOT NULL AS locked, h.pid, h.address, h.application, h.started_at
        FROM worker w LEFT JOIN held h ON h.key = w.key ORDER BY w.since
      SQL
      private_constant :SQL

      # @return [Array<Worker>] those with claims
      def all
        @all ||= Rows.read("Workers", SQL, tasks: TASKS, claims: CLAIMS).map { |row| Worker.new(**row.symbolize_keys) }
      end
    end
  end
end
