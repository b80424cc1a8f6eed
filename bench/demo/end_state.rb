# frozen_string_literal: true

require "json"
require_relative "backtraces"

module Demo
  # What a task has left in the database, as data that is equal for two runs that did the same.
  #
  # It holds every column of the task, its steps, their edges and both transition tables, whatever columns there are: ids are replaced
  # by names and positions, instants by whether there is one; the identity hash, which is made of the time, is left out. It reads
  # past the application, by a connection of its own.
  class EndState
    ABSENT = %w[identity_hash].freeze
    TASK = "SELECT t.*, ns.name || '/' || nt.name || '/' || nt.version AS named_task
              FROM tasker_tasks t JOIN tasker_named_tasks nt USING (named_task_id)
              JOIN tasker_task_namespaces ns USING (task_namespace_id) WHERE t.task_id = $1"
    STEPS = "SELECT s.*, ns.name AS named_step FROM tasker_workflow_steps s JOIN tasker_named_steps ns USING (named_step_id)
              WHERE s.task_id = $1 ORDER BY s.workflow_step_id"
    EDGES = "SELECT e.* FROM tasker_workflow_step_edges e JOIN tasker_workflow_steps s ON s.workflow_step_id = e.to_step_id
              WHERE s.task_id = $1 ORDER BY e.id"
    TASK_TRANSITIONS = "SELECT * FROM tasker_task_transitions WHERE task_id = $1 ORDER BY sort_key, id"
    STEP_TRANSITIONS = "SELECT t.* FROM tasker_workflow_step_transitions t JOIN tasker_workflow_steps s USING (workflow_step_id)
                         WHERE s.task_id = $1 ORDER BY t.workflow_step_id, t.sort_key, t.id"
    TABLES = %w[task_transitions workflow_step_transitions workflow_step_edges workflow_steps tasks].freeze
    INSTANTS = [1114, 1184].freeze
    private_constant :ABSENT, :TASK, :STEPS, :EDGES, :TASK_TRANSITIONS, :STEP_TRANSITIONS, :TABLES, :INSTANTS

    # @param connection [PG::Connection] to the application's database
    def initialize(connection)
      @connection = connection
    end

    # Removes all tasks. The names of tasks and steps stay.
    def clear
      @connection.exec(TABLES.map { |table| "DELETE FROM tasker_#{table}" }.join("; "))
    end

    # @param task_id [Integer]
    # @return [Hash{Integer => String}] names of its steps, in the order of their ids
    def step_names(task_id)
      rows(STEPS, task_id).to_h { |row| [row["workflow_step_id"].to_i, row["named_step"]] }
    end

    # @param task_id [Integer]
    # @return [Hash]
    def read(task_id)
      names = step_names(task_id).transform_keys(&:to_s)
      {
        "task" => facts(rows(TASK, task_id).first),
        "steps" => steps(task_id),
        "edges" => rows(EDGES, task_id).map { |row| edge(row, names) },
        "task transitions" => rows(TASK_TRANSITIONS, task_id).map { |row| facts(row) },
        "step transitions" => step_transitions(task_id, names)
      }
    end

    private

    def steps(task_id)
      rows(STEPS, task_id).each_with_index.to_h { |row, index| [row["named_step"], step(row, index)] }
    end

    def step_transitions(task_id, names)
      by_step = rows(STEP_TRANSITIONS, task_id).group_by { |row| names[row["workflow_step_id"]] }
      by_step.transform_values { |group| group.map { |row| facts(row) } }
    end

    # Instants become "set" or stay nil.
    def rows(sql, task_id)
      result = @connection.exec_params(sql, [task_id])
      instants = result.fields.each_index.select { |index| INSTANTS.include?(result.ftype(index)) }.map { |index| result.fname(index) }
      result.map { |row| row.merge(instants.to_h { |name| [name, row[name] && "set"] }) }
    end

    def facts(row)
      row.reject { |name, _value| name == "id" || name.end_with?("_id") || ABSENT.include?(name) }
    end

    def step(row, index)
      facts(row).merge("position" => index + 1, "results" => results(row["results"]))
    end

    def edge(row, names)
      facts(row).merge("from" => names[row["from_step_id"]], "to" => names[row["to_step_id"]])
    end

    def results(text)
      value = text && JSON.parse(text)
      return value unless value.is_a?(Hash) && value["backtrace"].is_a?(String)

      value.merge("backtrace" => Backtraces.foreign(value["backtrace"].split("\n")))
    end
  end
end
