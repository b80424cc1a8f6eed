# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether PostgreSQL compiles the statement that reads a task (`Run::Survey`) anew each time that it runs.
    #
    # Its JIT compiles each statement whose estimated cost passes `jit_above_cost`, at every execution. The survey has so many expressions
    # that this takes up to a second, while it runs for some milliseconds. The estimate grows with the steps that tasks have on average.
    class Jit
      SETTINGS = "SELECT current_setting('jit')::boolean AND pg_jit_available(), current_setting('jit_above_cost')::float8"
      NO_TASK = 0
      NOTHING_KNOWN = [nil, [], [], false, []].freeze
      private_constant :SETTINGS, :NO_TASK, :NOTHING_KNOWN

      # @param connection [ActiveRecord::ConnectionAdapters::PostgreSQLAdapter, nil] the engine's, unless given
      # @param settings [Array(Boolean, Float), nil] whether the server compiles statements, and from which cost on; asked for unless given
      def initialize(connection: nil, settings: nil)
        @connection = connection
        @settings = settings
      end

      def title = "jit"

      def findings
        return [Finding.ok("the extension is not loaded, and sends no statements")] if Extension.problem

        on, limit = @settings || connection.select_rows(SETTINGS, "tasker-core").first
        return [Finding.ok("PostgreSQL compiles no statements")] if !on || limit.negative?

        [cost > limit ? compiled(limit) : Finding.ok("PostgreSQL runs the core's statements without compiling them")]
      end

      private

      def connection = @connection ||= Tasker::ApplicationRecord.lease_connection

      # @return [Float] the estimate for the survey of a task, of which the plan does not depend on the task
      def cost
        @cost ||= begin
          _, sql, binds, = Native::Conversation.task_survey("Doctor", NO_TASK, nil, NOTHING_KNOWN).resume(nil)
          plan = connection.exec_query("EXPLAIN (FORMAT JSON) #{sql}", "tasker-core", binds).rows.first.first
          JSON.parse(plan).first.dig("Plan", "Total Cost")
        end
      end

      def compiled(limit)
        Finding.warn("PostgreSQL compiles the statement that reads a task each time it runs (its estimated cost, #{cost.round}, passes " \
                     "jit_above_cost, #{limit.round}), which takes up to a second",
                     "Switch it off: `variables: { jit: \"off\" }` in config/database.yml, or `ALTER DATABASE … SET jit = off`. " \
                     "It pays for reports that run for seconds, not for workflows.")
      end
    end
  end
end
