# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # One page of tasks, newest first.
    #
    # The engine has no index on states, and an application may have millions of tasks. So a page reads at most {BUDGET} candidates, in the
    # order of the index on `(complete, created_at, task_id)`, and looks up the state of each until it has enough. Where that is not enough,
    # the next page goes on from the last candidate. Definitions that few tasks have are found by their own index instead.
    class TaskList
      PAGE = 50
      BUDGET = 5_000

      Row = Data.define(:id, :definition, :state, :changed_at, :created_at, :initiator, :source_system, :reason)

      # @return [TaskFilter]
      attr_reader :filter

      # @return [Definitions]
      attr_reader :definitions

      # @param filter [TaskFilter]
      # @param cursor [Cursor, nil] the page begins after it
      # @param limit [Integer] rows of a page
      # @param definitions [Definitions]
      def initialize(filter, cursor: nil, limit: PAGE, definitions: Definitions.new)
        @filter = filter
        @cursor = cursor
        @limit = limit
        @definitions = definitions
      end

      # @return [Array<Row>]
      def rows
        @rows ||= found.first(@limit)
      end

      # @return [Cursor, nil] where the next page begins; nil where there is none
      def following
        return rows.last.then { |row| Cursor.new(created_at: row.created_at, id: row.id) } if found.size > @limit
        return if rare? || filters_nothing?

        last_candidate
      end

      # @return [Boolean] whether the page ends because of the budget, not because it is full
      def cut_short? = found.size <= @limit && !following.nil?

      private

      def filters_nothing? = @filter.state.nil? && chosen.nil?

      def chosen
        return @chosen if defined?(@chosen)

        @chosen = @definitions.chosen_by(@filter)
      end

      def found
        @found ||= chosen == [] ? [] : Rows.read("Tasks", page, **binds, limit: @limit + 1).map { |row| row_of(row) }
      end

      def row_of(row)
        Row.new(id: row["task_id"], definition: @definitions[row["named_task_id"]], **row.symbolize_keys.except(:task_id, :named_task_id))
      end

      # @return [Boolean] whether few tasks have one of the chosen definitions
      def rare?
        return @rare if defined?(@rare)

        @rare = chosen.present? && Rows.read("Rare Definitions", <<~SQL, **binds).first["rare"]
          SELECT count(*) < :budget AS rare
          FROM (SELECT FROM tasker_tasks WHERE named_task_id IN (:chosen) LIMIT :budget) c
        SQL
      end

      def page
        <<~SQL
          WITH candidate AS #{"MATERIALIZED" if rare?} (#{rare? ? candidates_of_rare : candidates})
          SELECT task.task_id, task.named_task_id, current.state, current.changed_at, task.created_at,
                 task.initiator, task.source_system, task.reason
          FROM (
            SELECT c.task_id, c.created_at FROM candidate c #{"WHERE c.named_task_id IN (:chosen)" if chosen}
          ) c
          #{with_transition? ? Rows::IN_STATE : Rows::STATE_OF_TASK}
          JOIN tasker_tasks task ON task.task_id = c.task_id
          #{"WHERE current.state = :state" if @filter.state}
          ORDER BY c.created_at DESC, c.task_id DESC LIMIT :limit
        SQL
      end

      # A task without a transition is pending.
      def with_transition? = @filter.state && @filter.state != "pending"

      def candidates
        parts = @filter.flags.map do |flag|
          "(SELECT task_id, named_task_id, created_at FROM tasker_tasks WHERE complete = #{flag} #{within} #{order} LIMIT :budget)"
        end
        parts.one? ? parts.first : "#{parts.join(" UNION ALL ")} #{order} LIMIT :budget"
      end

      def candidates_of_rare
        "SELECT task_id, named_task_id, created_at FROM tasker_tasks WHERE named_task_id IN (:chosen) #{within}"
      end

      def order = "ORDER BY created_at DESC, task_id DESC"

      def within
        [("AND (created_at, task_id) < (:cursor_time, :cursor_id)" if @cursor), ("AND created_at >= :from" if @filter.from),
         ("AND created_at < :to" if @filter.to)].compact.join(" ")
      end

      def binds
        { budget: BUDGET, chosen:, state: @filter.state, from: @filter.from, to: @filter.to, cursor_time: @cursor&.created_at,
          cursor_id: @cursor&.id }
      end

      def last_candidate
        row, = Rows.read("Last Candidate", <<~SQL, **binds)
          SELECT created_at, task_id, count(*) OVER () AS count FROM (#{candidates}) c ORDER BY created_at, task_id LIMIT 1
        SQL
        Cursor.new(created_at: row["created_at"], id: row["task_id"]) if row && row["count"] == BUDGET
      end
    end
  end
end
