# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # What is ready, waits, is retried, is blocked or is stuck in the newest unfinished tasks.
    class OpenWork
      # Unfinished tasks whose states are looked up; tasks that are listed; steps of those.
      CANDIDATES = 5_000
      TASKS = 100
      STEPS = 1_000
      # Rows of a page.
      SHOWN = 200
      # By tab, the kinds of conditions.
      TABS = { "ready" => %i[ready], "running" => %i[in_progress], "waiting" => %i[pending], "retrying" => %i[retrying],
               "blocked" => %i[failed blocked unknown] }.freeze
      STUCK = "stuck"
      # States of a task that a worker is to end.
      TAKEN_UP = %w[pending in_progress].freeze
      private_constant :TAKEN_UP

      # @!attribute [r] step
      #   @return [Steps::Row, nil] nil where the task itself is stuck
      Entry = Data.define(:task, :step, :kind, :reason, :since, :until)
      Task = Data.define(:id, :definition, :state, :changed_at, :created_at, :steps)

      # @param before [Integer, nil] only tasks with smaller ids
      # @param now [Time]
      # @param definitions [Definitions]
      def initialize(before: nil, now: Time.current, definitions: Definitions.new)
        @before = before
        @now = now
        @definitions = definitions
      end

      # @param tab [String]
      # @return [Array<Entry>] oldest first
      def entries(tab)
        found = tab == STUCK ? stuck : of_kinds(TABS.fetch(tab))
        found.sort_by { |entry| entry.since || entry.task.created_at }
      end

      # @return [Hash{String => Integer}] by tab
      def counts
        @counts ||= begin
          kinds = steps.map(&:kind).tally
          TABS.transform_values { |members| kinds.values_at(*members).compact.sum }.merge(STUCK => stuck.size)
        end
      end

      # @return [Array<Task>] newest first
      def tasks
        @tasks ||= within_budget(candidates)
      end

      # @return [Integer, nil] before which task older ones are to be found
      def following
        candidates.size > tasks.size ? tasks.last.id : last_candidate
      end

      private

      def candidates
        @candidates ||= Rows.read("Unfinished Tasks", <<~SQL, **binds).map { |row| task_of(row) }
          SELECT c.task_id AS id, task.named_task_id, current.state, current.changed_at, task.created_at,
                 (SELECT count(*) FROM tasker_workflow_steps s WHERE s.task_id = c.task_id) AS steps
          FROM (
            SELECT task_id FROM tasker_tasks WHERE complete = false AND (:before IS NULL OR task_id < :before)
            ORDER BY task_id DESC LIMIT :candidates
          ) c
          #{Rows::STATE_OF_TASK}
          JOIN tasker_tasks task ON task.task_id = c.task_id
          WHERE current.state IN ('pending', 'in_progress', 'error')
          ORDER BY c.task_id DESC LIMIT :limit
        SQL
      end

      # @return [Integer, nil] the last of the unfinished tasks whose states were looked up, if there may be more
      def last_candidate
        return @last_candidate if defined?(@last_candidate)

        @last_candidate = Rows.read("Last Unfinished Task", <<~SQL, **binds, skipped: CANDIDATES - 1).dig(0, "task_id")
          SELECT task_id FROM tasker_tasks WHERE complete = false AND (:before IS NULL OR task_id < :before)
          ORDER BY task_id DESC LIMIT 1 OFFSET :skipped
        SQL
      end

      def binds = { before: @before, candidates: CANDIDATES, limit: TASKS + 1 }

      def task_of(row)
        Task.new(definition: @definitions[row["named_task_id"]], **row.symbolize_keys.except(:named_task_id))
      end

      # At least one task, whatever its size.
      def within_budget(tasks)
        sum = 0
        tasks.first(TASKS).take_while.with_index do |task, index|
          sum += task.steps
          index.zero? || sum <= STEPS
        end
      end

      def steps
        @steps ||= Steps.open_of_tasks(tasks.map(&:id))
      end

      def of_kinds(kinds)
        steps.filter_map { |step| entry_of(step) if kinds.include?(step.kind) }
      end

      def entry_of(step, reason: step.reason)
        Entry.new(task: by_id.fetch(step.task_id), step:, kind: step.kind, reason:, since: step.changed_at, until: step.condition.until)
      end

      def by_id = @by_id ||= tasks.index_by(&:id)

      def stuck = @stuck ||= stuck_steps + stuck_tasks

      def stuck_steps
        late = steps.select { |step| step.kind == :in_progress && late?(step.changed_at) }
        late.map { |step| entry_of(step, reason: "in progress for longer than expected") }
      end

      def stuck_tasks
        kinds = steps.group_by(&:task_id).transform_values { |rows| rows.map(&:kind) }
        late_tasks.select { |task| may_go_on?(kinds.fetch(task.id, [])) }.map { |task| entry_of_task(task) }
      end

      def late_tasks = tasks.select { |task| TAKEN_UP.include?(task.state) && late?(since(task)) }

      def entry_of_task(task)
        Entry.new(task:, step: nil, kind: task.state.to_sym, reason: "no worker runs it", since: since(task), until: nil)
      end

      def since(task) = task.changed_at || task.created_at

      # @param kinds [Array<Symbol>] of the steps of a task that are not done; if there are none, the task could end
      def may_go_on?(kinds) = kinds.exclude?(:in_progress) && (kinds.empty? || kinds.include?(:ready))

      def late?(time) = time && time < @now - TaskerCore.configuration.dashboard.stuck_after
    end
  end
end
