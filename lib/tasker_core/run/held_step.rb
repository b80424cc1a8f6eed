# frozen_string_literal: true

module TaskerCore
  class Run
    # A step in the hands of a worker, with the objects that the engine would otherwise load again: its task, its definition and
    # its parents.
    #
    # Tasks and parents are copies, as if they had been loaded; what a handler does to them shows nowhere else. Definitions are shared.
    class HeldStep
      def initialize(run, task, sequence, step)
        @run = run
        @task = task
        @sequence = sequence
        @step = step
        @named_step = step.named_step
        @task_fresh = true
        equip(step)
      end

      # Reads the step anew, as the engine does before it runs it.
      #
      # @param seam [Seam] on whose behalf
      # @return [String, nil] the state it is in; nil if the step is gone
      def refresh(seam)
        @step.reload
        conversation = Native::Conversation.step_prospect(seam.name, @step.workflow_step_id)
        state, parent_ids, task_updated_at, parents_updated_at = Host.converse(conversation, "WorkflowStep Load")
        return if state.nil?

        @run.learn("step", @step.workflow_step_id, state)
        @task_fresh = updated_at([@task]) == task_updated_at
        @parents = copies_of_parents(parent_ids, parents_updated_at)
        equip(@step)
        state
      end

      # Makes {copy} give none any more: somebody else may have written what the object does not know.
      def outdated
        @outdated = true
      end

      # The step as a reader of the database would find it.
      # @return [Tasker::WorkflowStep, nil] nil while object and database may differ
      def copy
        return if @outdated || @step.has_changes_to_save?

        equip(copy_of(@step))
      end

      private

      def equip(step)
        put(step, :named_step, @named_step) if step.named_step_id == @named_step.named_step_id
        put(step, :task, copy_of_task) if @task_fresh && !@task.has_changes_to_save?
        put(step, :parents, @parents) if @parents
        step
      end

      def put(record, association, target)
        record.association(association).target = target
      end

      def copy_of(record)
        record.class.instantiate(record.attributes_before_type_cast)
      end

      def copy_of_task
        copy_of(@task).tap { |task| put(task, :named_task, @task.named_task) }
      end

      # @return [Array<Tasker::WorkflowStep>, nil] nil if one of them is not in the sequence, or was changed there or since
      def copies_of_parents(ids, last_update)
        parents = ids.map { |id| steps_by_id[id] }
        return if parents.any? { |parent| parent.nil? || parent.has_changes_to_save? }
        return unless updated_at(parents) == last_update

        parents.map { |parent| copy_of(parent).tap { |copy| put(copy, :named_step, parent.named_step) } }
      end

      # @return [Integer, nil] microseconds of the last update of any of them
      def updated_at(records)
        last = records.map(&:updated_at).max
        last && Instant.to_micros(last)
      end

      def steps_by_id
        @steps_by_id ||= @sequence.steps.index_by(&:workflow_step_id)
      end
    end
  end
end
