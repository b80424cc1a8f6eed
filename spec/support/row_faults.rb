# frozen_string_literal: true

require "json"

# What must hold of the rows of tasks and steps at any time, whatever was interrupted.
module RowFaults
  # By kind: table, table of transitions, their key, and the flag that says that it has come to its end.
  TABLES = {
    "task" => %w[tasker_tasks tasker_task_transitions task_id complete],
    "step" => %w[tasker_workflow_steps tasker_workflow_step_transitions workflow_step_id processed]
  }.freeze
  # Steps that have begun before all of their parents were done.
  HASTY = <<~SQL
    SELECT DISTINCT 'step ' || child.workflow_step_id || ' began before step ' || e.from_step_id || ' was done'
      FROM tasker_workflow_step_transitions child
      JOIN tasker_workflow_steps s ON s.workflow_step_id = child.workflow_step_id
      JOIN tasker_workflow_step_edges e ON e.to_step_id = child.workflow_step_id
     WHERE s.task_id IN (%<tasks>s) AND child.to_state = 'in_progress' AND NOT EXISTS (
       SELECT FROM tasker_workflow_step_transitions parent
        WHERE parent.workflow_step_id = e.from_step_id AND parent.to_state IN ('complete', 'resolved_manually')
          AND parent.id < child.id)
  SQL
  private_constant :TABLES, :HASTY

  # The rows of one task or step: `[state, sort key, flagged]`, oldest first.
  History = Data.define(:kind, :id, :done, :rows) do
    # @return [Array<String>]
    def faults
      rules = { "keys 10, 20 and so on" => keys?, "the last row alone to be flagged" => flags?,
                "the flag of its end as its state is" => ended?, "moves that the machine allows" => moves? }
      rules.reject { |_, holds| holds }.map { |rule,| "#{kind} #{id}: expected #{rule}, got #{self}" }
    end

    private

    def states = rows.map(&:first)

    def keys? = rows.map { |row| row[1] } == rows.each_index.map { |index| (index + 1) * 10 }

    def flags? = rows.map(&:last) == rows.each_index.map { |index| index == rows.size - 1 }

    def ended? = done == %w[complete resolved_manually].include?(states.last)

    def moves?
      machine = kind == "task" ? Tasker::StateMachine::TaskStateMachine : Tasker::StateMachine::StepStateMachine
      ["pending", *states].each_cons(2).all? { |from, to| machine.successors[from]&.include?(to) }
    end
  end

  class << self
    # @param task_ids [Array<Integer>]
    # @return [Array<String>] what is wrong with these tasks and their steps
    def of(*task_ids)
      tasks = task_ids.join(", ")
      TABLES.each_key.flat_map { |kind| histories(kind, tasks).flat_map(&:faults) } + values(format(HASTY, tasks:))
    end

    private

    def histories(kind, tasks)
      owners, transitions, key, flag = TABLES.fetch(kind)
      rows = values(<<~SQL)
        SELECT json_build_array(o.#{key}, o.#{flag}, coalesce(
          json_agg(json_build_array(t.to_state, t.sort_key, t.most_recent) ORDER BY t.sort_key) FILTER (WHERE t.id IS NOT NULL), '[]'))
          FROM #{owners} o LEFT JOIN #{transitions} t USING (#{key})
         WHERE o.task_id IN (#{tasks}) GROUP BY o.#{key}
      SQL
      rows.map { |row| History.new(kind, *JSON.parse(row)) }
    end

    def values(sql) = Tasker::ApplicationRecord.uncached { Tasker::ApplicationRecord.connection.select_values(sql) }
  end
end
