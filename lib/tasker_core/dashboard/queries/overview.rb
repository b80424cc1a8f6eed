# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # Counts for the first page. What may be many is counted up to {MOST}, or estimated.
    class Overview
      MOST = 10_000

      # @!attribute [r] exact
      #   @return [Boolean]
      Total = Data.define(:count, :exact)

      # @return [Hash{String => Integer}] unfinished tasks by state, of the newest {MOST}
      def unfinished
        @unfinished ||= Rows.read("Unfinished Counts", <<~SQL, most: MOST).to_h { |row| [row["state"], row["count"]] }
          SELECT current.state, count(*) AS count
          FROM (SELECT task_id FROM tasker_tasks WHERE complete = false ORDER BY task_id DESC LIMIT :most) c
          #{Rows::STATE_OF_TASK}
          GROUP BY current.state
        SQL
      end

      # @return [Boolean] whether there are more unfinished tasks than are counted
      def more? = unfinished.values.sum >= MOST

      # @return [Total] all tasks; estimated by the planner's statistics where there are many
      def total
        @total ||= Rows.read("Task Count", <<~SQL, most: MOST).first.then { |row| total_of(*row.values_at("counted", "estimated")) }
          SELECT (SELECT count(*) FROM (SELECT FROM tasker_tasks LIMIT :most) t) AS counted,
                 (SELECT reltuples::bigint FROM pg_class WHERE oid = 'tasker_tasks'::regclass) AS estimated
        SQL
      end

      private

      def total_of(counted, estimated)
        counted < MOST ? Total.new(count: counted, exact: true) : Total.new(count: [counted, estimated].max, exact: false)
      end
    end
  end
end
