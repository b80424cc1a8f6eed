# frozen_string_literal: true

# The engine's models with their scopes, as ScopeChains draws them. Where a scope of the engine raises, alone or beside others, or does not
# do what its name says, the same is said in other words of ActiveRecord.
module ScopeSubjects
  STATES = ["pending", "in_progress", "complete", "error", "cancelled", "resolved_manually", "unknown", nil].freeze
  NONE = ->(_random) { [] }
  TIME = ->(random) { [(Time.utc(2025) + random.rand(0..100).hours).strftime("%Y-%m-%dT%H:%M:%S")] }
  STEP = ->(random) { [Tasker::WorkflowStep.order(:workflow_step_id).pluck(:workflow_step_id).sample(random:)] }
  TASK = ->(random) { [random.rand(9001..9060)] }
  AFTER_A_FAILURE = <<~SQL
    EXISTS (
      SELECT FROM tasker_workflow_step_transitions prev
      WHERE prev.workflow_step_id = tasker_workflow_step_transitions.workflow_step_id
        AND prev.to_state = 'error' AND prev.sort_key < tasker_workflow_step_transitions.sort_key
    )
  SQL
  private_constant :AFTER_A_FAILURE, :STATES, :NONE, :TIME, :STEP, :TASK

  class << self
    # @return [Hash{String => ScopeChains::Subject}]
    def all
      { "Task" => tasks, "WorkflowStep" => steps, "WorkflowStepEdge" => edges, "StepDagRelationship" => relationships,
        "TaskTransition" => task_transitions, "WorkflowStepTransition" => step_transitions, "NamedTask" => named_tasks,
        "TaskNamespace" => namespaces, "NamedTasksNamedStep" => named_steps }
    end

    private

    def one_of(*values) = ->(random) { [values.sample(random:)] }

    def utc(text) = Time.find_zone("UTC").parse(text)

    def subject(model, *scopes, unordered: [])
      ScopeChains::Subject.new(model:, scopes: scopes.to_h { |scope| [scope.name, scope] }, unordered:)
    end

    # A scope that does what its name says.
    def scope(name, arguments = NONE, &call)
      call ||= ->(relation, *values) { relation.public_send(name, *values) }
      ScopeChains::Scope.new(name:, arguments:, call:, fixed: false)
    end

    def since(name) = scope(name, TIME) { |relation, time| relation.public_send(name, utc(time)) }

    def fixed(name, arguments = NONE, &call) = ScopeChains::Scope.new(name:, arguments:, call:, fixed: true)

    def of_step(name) = scope(name, STEP) { |relation, id| relation.public_send(name, Tasker::WorkflowStep.find(id)) }

    def tasks
      subject(
        Tasker::Task,
        scope("in_namespace", one_of("payments", "it's", "back\\slash", "none")),
        scope("with_task_name", one_of("settle", "refund")),
        scope("with_version", one_of("1.0.0", "1.1.0", "2.0.0")),
        scope("by_current_state", one_of(*STATES)),
        scope("active"),
        since("created_since"),
        fixed("completed_since", TIME) { |relation, time| relation.where(task_id: ids_of_tasks(:completed_since, utc(time))) },
        fixed("failed_since", TIME) { |relation, time| relation.where(task_id: ids_of_tasks(:failed_since, utc(time))) },
        fixed("by_annotation", ->(random) { ["triage", "priority", %w[high low].sample(random:)] }) { |*given| annotated(*given) }
      )
    end

    def ids_of_tasks(name, *) = Tasker::Task.unscoped.public_send(name, *).select(:task_id)

    def annotated(relation, type, key, value)
      found = Tasker::TaskAnnotation.joins(:annotation_type).where(annotation_type: { name: type })
      relation.where(task_id: found.where("annotation ->> ? = ?", key, value).select(:task_id))
    end

    def steps
      subject(
        Tasker::WorkflowStep,
        scope("for_task", TASK) { |relation, id| relation.for_task(Tasker::Task.new(task_id: id)) },
        scope("by_current_state", one_of(*STATES)), scope("completed"), scope("failed"),
        fixed("completed_since", TIME) { |relation, time| relation.where(workflow_step_id: ids_of_steps(:completed_since, utc(time))) },
        fixed("failed_since", TIME) { |relation, time| relation.where(workflow_step_id: ids_of_steps(:failed_since, utc(time))) },
        since("for_tasks_since"),
        fixed("pending") { |relation| relation.where(workflow_step_id: pending_ids) }
      )
    end

    def ids_of_steps(name, *) = Tasker::WorkflowStep.unscoped.public_send(name, *).select(:workflow_step_id)

    def pending_ids
      steps = Tasker::WorkflowStep.unscoped
      current = %w[pending in_progress].map { |state| steps.by_current_state(state).pluck(:workflow_step_id) }
      steps.where.missing(:workflow_step_transitions).pluck(:workflow_step_id) + current.flatten
    end

    def edges
      subject(
        Tasker::WorkflowStepEdge,
        of_step("children_of"), of_step("parents_of"), scope("provides_edges"),
        fixed("siblings_of", STEP) { |relation, id| relation.where(id: sibling_edges(id).map(&:id)) },
        fixed("provides_to_children", STEP) do |relation, id|
          children = Tasker::WorkflowStepEdge.children_of(Tasker::WorkflowStep.find(id))
          relation.provides_edges.where(to_step_id: children.pluck(:to_step_id))
        end
      )
    end

    def sibling_edges(id) = Tasker::WorkflowStepEdge.siblings_of(Tasker::WorkflowStep.find(id))

    def relationships
      subject(
        Tasker::StepDagRelationship,
        scope("for_task", TASK), scope("root_steps"), scope("leaf_steps"), scope("with_parents"), scope("with_children"),
        scope("siblings_of", STEP)
      )
    end

    def task_transitions = subject(Tasker::TaskTransition, *transition_scopes, unordered: ["recent"])

    def step_transitions
      subject(
        Tasker::WorkflowStepTransition,
        *transition_scopes, scope("for_attempt", one_of(1, 2, 9)),
        fixed("for_task", TASK) do |relation, id|
          relation.where(workflow_step_id: Tasker::WorkflowStep.where(task_id: id).select(:workflow_step_id))
        end,
        fixed("retry_transitions") { |relation| relation.where(to_state: "pending").where(AFTER_A_FAILURE) },
        unordered: ["recent"]
      )
    end

    def transition_scopes
      [scope("recent"), scope("to_state", one_of(*STATES.compact)), scope("with_metadata_key", one_of("actor", "none")),
       scope("in_time_range", ->(random) { [*TIME.call(random), *TIME.call(random)].sort }) do |relation, from, to|
         relation.in_time_range(utc(from), utc(to))
       end,
       fixed("with_metadata_value", ->(random) { ["actor", %w[Ada Bob].sample(random:)] }) do |relation, key, value|
         relation.where("metadata -> ? = ?::jsonb", key, value.to_json)
       end]
    end

    def named_tasks
      subject(
        Tasker::NamedTask,
        scope("in_namespace", one_of("payments", "it's")), scope("with_version", one_of("1.0.0", "2.0.0")),
        fixed("latest_versions", &:itself), # of the rows that the whole chain leaves
        unordered: ["latest_versions"]
      )
    end

    def namespaces = subject(Tasker::TaskNamespace, scope("custom"))

    def named_steps
      subject(Tasker::NamedTasksNamedStep, scope("named_steps_for_named_task", ->(random) { [random.rand(9001..9018)] }))
    end
  end
end
