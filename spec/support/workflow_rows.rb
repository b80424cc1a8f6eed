# frozen_string_literal: true

require "securerandom"

# Makes rows of the engine's tables directly, as tests, administrators and older versions of the engine do. Neither the engine's
# models nor its state machines have a say in them.
module WorkflowRows
  STATES = %w[pending in_progress complete error cancelled resolved_manually].freeze

  class << self
    # @return [Integer] the definition of all tasks
    attr_reader :named_task_id

    # Makes what all tasks and steps share. Once, outside of any transaction.
    def prepare
      namespace = Tasker::TaskNamespace.create!(name: "specs")
      @named_task_id = Tasker::NamedTask.create!(name: "made", version: "1.0.0", task_namespace: namespace).named_task_id
      @dependent_system_id = Tasker::DependentSystem.create!(name: "specs").dependent_system_id
      @named_step_ids = ("a".."e").index_with { |name| make_named_step(name) }
    end

    # @return [Integer] the definition of steps of that name
    def named_step_id(name)
      @named_step_ids.fetch(name) { make_named_step(name) }
    end

    private

    def make_named_step(name)
      Tasker::NamedStep.find_or_create_by!(name:, dependent_system_id: @dependent_system_id).named_step_id
    end
  end

  # @param states [Array<String>] the task's history, oldest first
  # @return [Tasker::Task]
  def make_task(*states, **columns)
    defaults = { named_task_id: WorkflowRows.named_task_id, identity_hash: SecureRandom.uuid, requested_at: Time.current,
                 context: { "batch" => 1 }, initiator: "specs", source_system: "specs", reason: "specs" }
    task = insert(Tasker::Task, **defaults, **columns)
    make_history(task, *states)
    task
  end

  # @param name [String] unique within the task
  # @param states [Array<String>] the step's history, oldest first
  # @return [Tasker::WorkflowStep]
  def make_step(task, name, *states, parents: [], **columns)
    defaults = { task_id: task.task_id, named_step_id: WorkflowRows.named_step_id(name), attempts: 0, inputs: {}, results: {} }
    step = insert(Tasker::WorkflowStep, **defaults, **columns)
    make_history(step, *states)
    parents.each { |parent| make_edge(parent, step) }
    step
  end

  def make_edge(from, to)
    insert(Tasker::WorkflowStepEdge, from_step_id: id_of(from), to_step_id: id_of(to), name: "provides")
  end

  # Writes transitions as the engine does: keys 10, 20, 30 and so on, the last one flagged.
  #
  # @param flagged [Integer, nil] which of them is the most recent one; nil for none
  # @param columns [Hash] the same for all of them
  def make_history(owner, *states, sort_keys: nil, flagged: states.size - 1, **columns)
    model, key = owner.is_a?(Tasker::Task) ? [Tasker::TaskTransition, :task_id] : [Tasker::WorkflowStepTransition, :workflow_step_id]
    rows = states.each_with_index.map do |to_state, index|
      { key => owner.id, to_state:, sort_key: sort_keys ? sort_keys[index] : (index + 1) * 10, most_recent: index == flagged,
        metadata: {}, created_at: Time.current, updated_at: Time.current, **columns }
    end
    model.insert_all!(rows) if rows.any?
  end

  # @return [Tasker::Task] with steps `a` (done), `b` after `a`, and `c` after `b`
  def make_three_step_task
    task = make_task("in_progress")
    a = make_step(task, "a", "in_progress", "complete", processed: true, attempts: 1)
    b = make_step(task, "b", parents: [a])
    make_step(task, "c", parents: [b])
    task
  end

  # Each step of a layer waits for all of the layer above. One statement a table, since these are many rows.
  # @return [Tasker::Task]
  def make_layered_task(layers:, width:)
    task = make_task("in_progress")
    connection = Tasker::ApplicationRecord.connection
    ids = connection.select_values(<<~SQL)
      INSERT INTO tasker_workflow_steps (task_id, named_step_id, attempts, created_at, updated_at)
      SELECT #{task.id}, #{WorkflowRows.named_step_id("a")}, 0, now(), now() FROM generate_series(1, #{layers * width})
      RETURNING workflow_step_id
    SQL
    from, to = ids.each_slice(width).each_cons(2).flat_map { |upper, lower| upper.product(lower) }.transpose
    connection.execute(<<~SQL)
      INSERT INTO tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
      SELECT f, t, 'provides', now(), now() FROM unnest(ARRAY#{from}, ARRAY#{to}) e (f, t)
    SQL
    task
  end

  private

  # @return [ActiveRecord::Base] as if it had just been found
  def insert(model, **columns)
    row = model.insert!({ created_at: Time.current, updated_at: Time.current, **columns }, returning: Arel.sql("*"))
    model.instantiate(row.first)
  end

  def id_of(record)
    record.is_a?(Integer) ? record : record.id
  end
end
