# frozen_string_literal: true

# The observable effects of one call on a task or step.
module Observing
  # @param owner [Tasker::Task, Tasker::WorkflowStep]
  # @param subscribed [Boolean] whether the application listens to the engine's events
  # @param inside [Boolean] whether the caller has a transaction open
  # @return [Hash] the call's value or error, the rows and events it left, the owner's history in memory, whether the owner can be
  #   saved, and whether the caller's transaction can be used
  def observe(owner, subscribed: false, inside: false, &block)
    outcome = usable = nil
    events = EventRecorder.public_send(subscribed ? :subscribed : :on_the_bus) do
      outcome, usable = inside ? within_a_transaction(owner, &block) : [Outcome.of { yield owner }, true]
    end
    normalized = NormalizedRows.new(owner.is_a?(Tasker::Task) ? owner : owner.task, times: true)
    { outcome:, usable:, events: described(normalized, events, subscribed), memory: memory(normalized, owner), rows: normalized.rows,
      saved: owner.save }
  end

  private

  # The caller commits in the end, if PostgreSQL lets him.
  def within_a_transaction(owner)
    outcome = usable = nil
    Tasker::ApplicationRecord.transaction do
      Tasker::ApplicationRecord.connection.execute("SELECT 1")
      outcome = Outcome.of { yield owner }
      usable = usable?
    end
    [outcome, usable]
  end

  def usable?
    Tasker::ApplicationRecord.connection.transaction(requires_new: true) { Tasker::ApplicationRecord.connection.execute("SELECT 1") }
    true
  rescue ActiveRecord::StatementInvalid
    raise ActiveRecord::Rollback
  end

  def described(normalized, events, subscribed)
    events.map { |event| [*normalized.event(event), *(event.in_transaction if subscribed)] }
  end

  # The history as the owner object has it, read without asking the database again where it is loaded.
  def memory(normalized, owner)
    return if owner.new_record? || owner.destroyed?

    history = owner.public_send(owner.is_a?(Tasker::Task) ? :task_transitions : :workflow_step_transitions)
    # Loaded rows have no order of their own; PostgreSQL gives them as they lie.
    rows = history.sort_by(&:sort_key).map { |row| [normalized.row(row), row.persisted?, row.errors.full_messages] }
    { rows:, size: history.size, last: owner.state_machine.last_transition&.to_state }
  end
end
