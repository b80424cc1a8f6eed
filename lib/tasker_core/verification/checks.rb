# frozen_string_literal: true

require_relative "paths"

module TaskerCore
  class Verification
    # The questions that are asked of both sides.
    module Checks
      # @!attribute name
      #   @return [String]
      # @!attribute override
      #   @return [String] the method of the engine that has to answer
      # @!attribute question
      #   @return [Proc] given a task, a step, ids of tasks, or nil for the whole system
      Check = Data.define(:name, :override, :question)

      # What the engine takes for the sequence of a task's steps.
      Sequence = Data.define(:steps)

      SYSTEM = [
        Check.new("system health", "FunctionBasedSystemHealthCounts.call",
                  ->(_) { Tasker::Functions::FunctionBasedSystemHealthCounts.call })
      ].freeze

      # Of many tasks at once. The engine's view of the graph is as expensive for one task as for all.
      BATCH = [
        Check.new("readiness of many tasks", "FunctionBasedStepReadinessStatus.for_tasks",
                  ->(ids) { Tasker::Functions::FunctionBasedStepReadinessStatus.for_tasks(ids) }),
        Check.new("contexts of many tasks", "FunctionBasedTaskExecutionContext.for_tasks",
                  ->(ids) { Tasker::Functions::FunctionBasedTaskExecutionContext.for_tasks(ids) }),
        Check.new("graph view", "StepDagRelationship.all", ->(ids) { Tasker::StepDagRelationship.where(task_id: ids).map(&:attributes) })
      ].freeze

      TASK = [
        Check.new("step readiness", "FunctionBasedStepReadinessStatus.for_task",
                  ->(task) { Tasker::StepReadinessStatus.for_task(task.task_id) }),
        Check.new("execution context", "FunctionBasedTaskExecutionContext.find",
                  ->(task) { Tasker::TaskExecutionContext.find(task.task_id) }),
        Check.new("dependency levels", "FunctionBasedDependencyLevels.for_task",
                  ->(task) { Tasker::Functions::FunctionBasedDependencyLevels.for_task(task.task_id) }),
        Check.new("viable steps", "WorkflowStep.get_viable_steps",
                  ->(task) { Tasker::WorkflowStep.get_viable_steps(task, Sequence.new(steps: task.workflow_steps)) }),
        Check.new("completion statistics", "WorkflowStep.task_completion_stats",
                  ->(task) { Tasker::WorkflowStep.task_completion_stats(task) }),
        Check.new("dependency graph", "RuntimeGraphAnalyzer#build_dependency_graph", ->(task) { Paths.graph(task) }),
        Check.new("critical paths", "RuntimeGraphAnalyzer#analyze_critical_paths", ->(task) { Paths.critical(task) }),
        Check.new("a task's state", "TaskStateMachine#current_state", ->(task) { task.state_machine.current_state }),
        Check.new("a task's transitions", "TaskStateMachine#allowed_transitions", ->(task) { task.state_machine.allowed_transitions })
      ].freeze

      STEP = [
        Check.new("a step's state", "StepStateMachine#current_state", ->(step) { step.state_machine.current_state }),
        Check.new("a step's transitions", "StepStateMachine#allowed_transitions", ->(step) { step.state_machine.allowed_transitions }),
        Check.new("a step's siblings", "WorkflowStepEdge.siblings_of", ->(step) { Tasker::WorkflowStepEdge.siblings_of(step) })
      ].freeze

      # @param subject [Tasker::Task, Tasker::WorkflowStep, Array<Integer>, nil] of a check
      # @return [String]
      def self.name_of(subject)
        case subject
        when nil then "the database"
        when Array then subject.one? ? "task #{subject.first}" : "tasks #{subject.min} to #{subject.max}"
        when Tasker::Task then "task #{subject.task_id}"
        else "task #{subject.task_id}, step #{subject.workflow_step_id}"
        end
      end
    end
  end
end
