# frozen_string_literal: true

module Bench
  # The definitions of a shape and its steps, made at once. The engine makes them one by one with the first task of a kind, which takes
  # minutes for ten thousand.
  module Definitions
    MAKE = <<~SQL
      WITH task AS (
        INSERT INTO tasker_named_tasks (name, version, task_namespace_id, created_at, updated_at)
        SELECT $1, '1.0.0', task_namespace_id, now(), now() FROM tasker_task_namespaces WHERE name = 'shapes'
        RETURNING named_task_id
      ), step AS (
        INSERT INTO tasker_named_steps (name, dependent_system_id, created_at, updated_at)
        SELECT step, dependent_system_id, now(), now()
          FROM tasker_dependent_systems s, unnest($2::text[]) step WHERE s.name = 'shapes'
        ON CONFLICT (dependent_system_id, name) DO UPDATE SET updated_at = excluded.updated_at
        RETURNING named_step_id
      )
      INSERT INTO tasker_named_tasks_named_steps
        (named_task_id, named_step_id, skippable, default_retryable, default_retry_limit, created_at, updated_at)
      SELECT named_task_id, named_step_id, false, true, 3, now(), now() FROM task, step
    SQL
    private_constant :MAKE

    # @param connection [PG::Connection] to a database in which the application has created a task of another shape
    # @param shape [Shapes::Shape]
    def self.make(connection, shape)
      connection.exec_params(MAKE, [shape.name, PG::TextEncoder::Array.new.encode(shape.steps.keys)])
    end
  end
end
