# frozen_string_literal: true

require_relative "workflow_run/attempt"
require_relative "workflow_run/batch"
require_relative "workflow_run/eligibility"
require_relative "workflow_run/engine_methods"
require_relative "workflow_run/claimed_rows"
require_relative "workflow_run/runner"

module TaskerCore
  # Runs workflows by the loop of the core (`Native::WorkflowRun`), which decides which steps are claimed and when to look again.
  #
  # Ruby runs the statements on the engine's connection ({Runner}), executes each step on a future of its own by the engine's executor
  # ({Batch}, {Attempt}), and ends the task by the engine's finalizer. Where a run is not possible in this way ({Eligibility}), or something
  # goes wrong between two steps, the engine's own loop runs the task.
  module WorkflowRun
  end
end
