# frozen_string_literal: true

module TaskerCore
  module Stock
    # Row triggers of the application on the engine's tables.
    #
    # They see rows one after the other, in the order in which the engine writes them. A statement of the core that writes several rows
    # has another order, so the engine's own code writes to tables with such triggers.
    #
    # Triggers come and go while a process runs (a migration, a tool for audits). They are looked up once in each run of a workflow and for
    # each task that is created, by a column of a statement that is sent anyway (the first look at the task, the search for its definition)
    # or, where that is not sent, by one of their own. A run that is under way goes on with what it has found. What happens outside of these
    # uses an answer that is at most {AGE} old.
    module RowTriggers
      # What the end of an attempt writes, the end of a task, and the creation of the steps of a task.
      OF_STEP = %w[tasker_workflow_steps tasker_workflow_step_transitions].freeze
      OF_TASK = %w[tasker_tasks tasker_task_transitions].freeze
      OF_CREATION = %w[tasker_tasks tasker_workflow_steps tasker_workflow_step_edges].freeze
      # Seconds.
      AGE = 1

      TABLES = [*OF_STEP, *OF_TASK, "tasker_workflow_step_edges"].freeze
      QUERY = <<~SQL.squish
        SELECT t.name FROM unnest($1::text[]) t (name) WHERE EXISTS (
          SELECT FROM pg_trigger g
          WHERE g.tgrelid = to_regclass(t.name) AND NOT g.tgisinternal AND g.tgtype & 1 = 1 AND g.tgenabled <> 'D'
        )
      SQL
      # What was found through which connection pool, and when, by the monotonic clock.
      Answer = Data.define(:tables, :pool, :at)
      private_constant :QUERY, :Answer

      class << self
        # @param tables [Array<String>]
        # @return [Boolean] whether one of them has a row trigger
        def on?(tables)
          run = Run.current
          tables.intersect?(run ? (run.row_triggers ||= look) : recent)
        end

        # Has them looked up again at the next question outside of a run.
        # @return [void]
        def refresh
          @last = nil
        end

        # Keeps what another statement has found for what happens outside of runs.
        # @param tables [Array<String>] those of {TABLES} that have row triggers
        # @return [Array<String>] the same
        def found(tables)
          @last = Answer.new(tables, pool, now)
          tables
        end

        private

        def recent
          last = last_of(pool)
          last && now - last.at < AGE ? last.tables : look
        end

        # @return [Answer, nil]
        def last_of(pool)
          last = @last
          last if last && last.pool.equal?(pool)
        end

        def look
          found(Tasker::ApplicationRecord.uncached { Tasker::ApplicationRecord.with_connection { |connection| read(connection) } })
        rescue ActiveRecord::ConnectionFailed, ActiveRecord::ConnectionNotEstablished
          raise
        rescue ActiveRecord::ActiveRecordError
          last_of(pool)&.tables || raise
        end

        # With a parameter the statement is prepared: planning takes longer than executing. A lost session is replaced, unless a transaction
        # is open, whose other statements must run on the same session.
        def read(connection)
          tables = ActiveRecord::Relation::QueryAttribute.new("tables", "{#{TABLES.join(",")}}", ActiveRecord::Type::String.new)
          connection.select_all(QUERY, "SCHEMA", [tables], preparable: true, allow_retry: true).rows.flatten
        end

        def pool = Tasker::ApplicationRecord.connection_pool
        def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
  end
end
