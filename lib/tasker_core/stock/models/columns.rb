# frozen_string_literal: true

module TaskerCore
  module Stock
    # See plain_model.rb.
    module Models
      transition = %w[id to_state from_state metadata sort_key most_recent created_at updated_at]
      # By model, the columns that the engine's migrations give it, in the order in which the core sends them.
      COLUMNS = {
        "Tasker::NamedTask" => %w[named_task_id name description created_at updated_at task_namespace_id version configuration],
        "Tasker::NamedStep" => %w[named_step_id dependent_system_id name description created_at updated_at],
        "Tasker::Task" => %w[
          task_id named_task_id complete requested_at initiator source_system reason bypass_steps tags context identity_hash
          created_at updated_at
        ],
        "Tasker::TaskTransition" => [*transition, "task_id"],
        "Tasker::WorkflowStepTransition" => [*transition, "workflow_step_id"],
        "Tasker::WorkflowStepEdge" => %w[id from_step_id to_step_id name created_at updated_at],
        "Tasker::WorkflowStep" => %w[
          workflow_step_id task_id named_step_id retryable retry_limit in_process processed processed_at attempts last_attempted_at
          backoff_request_seconds inputs results created_at updated_at skippable
        ]
      }.freeze
    end
  end
end
