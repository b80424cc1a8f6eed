# frozen_string_literal: true

# The engine's tables as a whole.
module EngineTables
  # Parents before their children.
  NAMES = %w[
    tasker_task_namespaces tasker_named_tasks tasker_dependent_systems tasker_named_steps tasker_named_tasks_named_steps
    tasker_tasks tasker_task_transitions tasker_workflow_steps tasker_workflow_step_transitions tasker_workflow_step_edges
  ].freeze

  class << self
    def clear
      Tasker::ApplicationRecord.connection.execute("TRUNCATE #{NAMES.join(", ")} RESTART IDENTITY CASCADE")
    end

    # Runs the block on a database in which the engine has no tables: they are in a schema outside of the search path.
    def hide
      connection = Tasker::ApplicationRecord.connection
      path = connection.schema_search_path
      connection.schema_search_path = "pg_catalog"
      yield
    ensure
      connection.schema_search_path = path
    end
  end
end
