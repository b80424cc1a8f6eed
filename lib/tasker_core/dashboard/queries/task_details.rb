# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # One task: its columns, its history and a page of its steps.
    class TaskDetails
      # Steps of a page, and events that are listed.
      PAGE = 200
      EVENTS = 100
      # Steps up to which the pictures stand in the page.
      DRAWN = 300
      # Characters of the context.
      CONTEXT = 20_000

      Event = Data.define(:at, :step_id, :step_name, :from_state, :to_state, :by)

      # @return [Integer]
      attr_reader :id

      # @param id [Integer]
      # @param after [Integer] the page begins after this step
      # @raise [ActiveRecord::RecordNotFound]
      def initialize(id, after: 0)
        @id = id
        @after = after
        raise ActiveRecord::RecordNotFound, "Couldn't find Tasker::Task with 'task_id'=#{id}" unless columns
      end

      # @return [Hash{String => Object}]
      def columns
        @columns ||= Rows.read("Task", <<~SQL, id: @id, most: CONTEXT).first
          SELECT c.task_id, n.name, n.version, s.name AS namespace, current.state, current.changed_at, c.created_at, c.requested_at,
                 c.initiator, c.source_system, c.reason, c.tags::text AS tags, c.complete,
                 left(c.context::text, :most) AS context, length(c.context::text) AS context_length
          FROM tasker_tasks c
          JOIN tasker_named_tasks n ON n.named_task_id = c.named_task_id
          JOIN tasker_task_namespaces s ON s.task_namespace_id = n.task_namespace_id
          #{Rows::STATE_OF_TASK}
          WHERE c.task_id = :id
        SQL
      end

      def state = columns["state"]

      # @return [Integer]
      def total
        @total ||= Rows.read("Step Count", "SELECT count(*) AS count FROM tasker_workflow_steps WHERE task_id = :id",
                             id: @id).first["count"]
      end

      # @return [Array<Steps::Row>]
      def steps = found.first(PAGE)

      # @return [Integer, nil] after which step the next page begins
      def following = (steps.last.id if found.size > PAGE)

      def first_page? = @after.zero?

      # @return [Graph, nil] none for a large task, whose pictures have pages of their own, and without the extension
      def graph
        @graph ||= (Graph.of(@id) if drawn?)
      end

      def drawn? = Extension.loaded? && total.between?(1, DRAWN)

      # @return [Array<Event>] the latest transitions of the task and its steps, newest first
      def events
        @events ||= Rows.read("Events", <<~SQL, id: @id, most: EVENTS).map { |row| Event.new(**row.symbolize_keys) }
          SELECT e.at, e.step_id, n.name AS step_name, e.from_state, e.to_state, e.by FROM (
            (SELECT t.created_at AS at, NULL::bigint AS step_id, NULL::integer AS named_step_id, t.from_state, t.to_state,
                    t.metadata #>> '{dashboard,by}' AS by, t.id
             FROM tasker_task_transitions t WHERE t.task_id = :id ORDER BY t.created_at DESC, t.id DESC LIMIT :most)
            UNION ALL
            (SELECT t.created_at, s.workflow_step_id, s.named_step_id, t.from_state, t.to_state, t.metadata #>> '{dashboard,by}', t.id
             FROM tasker_workflow_steps s JOIN tasker_workflow_step_transitions t ON t.workflow_step_id = s.workflow_step_id
             WHERE s.task_id = :id ORDER BY t.created_at DESC, t.id DESC LIMIT :most)
          ) e LEFT JOIN tasker_named_steps n ON n.named_step_id = e.named_step_id
          ORDER BY e.at DESC, e.step_id DESC NULLS LAST, e.id DESC LIMIT :most
        SQL
      end

      private

      def found
        @found ||= Steps.of_task(@id, after: @after, limit: PAGE + 1)
      end
    end
  end
end
