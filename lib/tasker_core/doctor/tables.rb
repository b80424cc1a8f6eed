# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether the tables, columns and whatever else the core's statements name are there.
    class Tables
      TRANSITIONS = {
        "id" => :integer, "to_state" => :text, "metadata" => :jsonb, "sort_key" => :integer, "most_recent" => :boolean,
        "created_at" => :timestamp, "updated_at" => :timestamp
      }.freeze

      # What the core reads and writes.
      COLUMNS = {
        "tasker_dependent_systems" => { "dependent_system_id" => :integer, "name" => :text },
        "tasker_named_steps" => {
          "named_step_id" => :integer, "dependent_system_id" => :integer, "name" => :text, "description" => :text,
          "created_at" => :timestamp, "updated_at" => :timestamp
        },
        "tasker_named_tasks" => {
          "named_task_id" => :integer, "task_namespace_id" => :integer, "name" => :text, "version" => :text, "description" => :text,
          "configuration" => :jsonb, "created_at" => :timestamp, "updated_at" => :timestamp
        },
        "tasker_named_tasks_named_steps" => { "named_task_id" => :integer, "named_step_id" => :integer },
        "tasker_task_namespaces" => { "task_namespace_id" => :integer, "name" => :text },
        "tasker_tasks" => {
          "task_id" => :integer, "named_task_id" => :integer, "complete" => :boolean, "requested_at" => :timestamp, "initiator" => :text,
          "source_system" => :text, "reason" => :text, "bypass_steps" => :json, "tags" => :jsonb, "context" => :jsonb,
          "identity_hash" => :text, "created_at" => :timestamp, "updated_at" => :timestamp
        },
        "tasker_workflow_steps" => {
          "workflow_step_id" => :integer, "task_id" => :integer, "named_step_id" => :integer, "retryable" => :boolean,
          "retry_limit" => :integer, "in_process" => :boolean, "processed" => :boolean, "processed_at" => :timestamp,
          "attempts" => :integer, "last_attempted_at" => :timestamp, "backoff_request_seconds" => :integer, "inputs" => :jsonb,
          "results" => :jsonb, "skippable" => :boolean, "created_at" => :timestamp, "updated_at" => :timestamp
        },
        "tasker_workflow_step_edges" => {
          "id" => :integer, "from_step_id" => :integer, "to_step_id" => :integer, "name" => :text,
          "created_at" => :timestamp, "updated_at" => :timestamp
        },
        "tasker_task_transitions" => { **TRANSITIONS, "task_id" => :integer },
        "tasker_workflow_step_transitions" => { **TRANSITIONS, "workflow_step_id" => :integer }
      }.freeze

      # PostgreSQL's names, without lengths and precisions.
      TYPES = {
        integer: %w[integer bigint], text: ["character varying", "text"], boolean: %w[boolean], jsonb: %w[jsonb],
        json: %w[json jsonb],
        timestamp: ["timestamp without time zone"]
      }.freeze

      # Steps get their ids from it; the engine's graph view answers where the core does not.
      RELATIONS = %w[tasker_workflow_steps_workflow_step_id_seq tasker_step_dag_relationships].freeze

      CURE = "Run `bin/rails tasker:install:migrations tasker:install:database_objects`, then `bin/rails db:migrate`."

      # @param connection [ActiveRecord::ConnectionAdapters::PostgreSQLAdapter, nil] the engine's, unless given
      def initialize(connection: nil)
        @connection = connection
      end

      def title = "tables"

      def findings
        faults = COLUMNS.flat_map { |table, columns| faults(table, columns) } + missing_relations
        return [Finding.ok("#{COLUMNS.size} tables with all that the core reads and writes")] if faults.empty?

        faults.map { |fault| Finding.fail(fault, CURE) }
      end

      private

      def faults(table, columns)
        return ["table #{table} is missing"] unless connection.table_exists?(table)

        types = connection.columns(table).to_h { |column| [column.name, column.sql_type.sub(/\(\d+\)/, "")] }
        columns.filter_map { |name, type| fault("#{table}.#{name}", type, types[name]) }
      end

      def fault(column, expected, type)
        return "column #{column} is missing" if type.nil?

        "column #{column}: expected #{TYPES[expected].join(" or ")}, got #{type}" unless TYPES[expected].include?(type)
      end

      def missing_relations
        RELATIONS.reject { |name| connection.select_value("SELECT to_regclass($1)::text", "tasker-core", [name]) }
                 .map { |name| "#{name} is missing" }
      end

      def connection = @connection ||= Tasker::ApplicationRecord.lease_connection
    end
  end
end
