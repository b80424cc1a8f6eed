# frozen_string_literal: true

module TaskerCore
  class Run
    # What tasks and steps are defined by; each definition is read once in a run.
    class Definitions
      # @return [Hash{Integer => Tasker::NamedStep}] those of steps that are known
      attr_reader :steps

      def initialize
        @tasks = {}
        @steps = {}
      end

      # Takes over definitions that the core has read, unless an application has added columns to them, or hides some of them.
      #
      # @param named_task [Array] a row, column by column
      # @param named_steps [Array<Array>]
      def take(named_task, named_steps)
        if Rows.complete?(Tasker::NamedTask)
          definition = record(Tasker::NamedTask, named_task)
          @tasks[definition.named_task_id] ||= definition
        end
        @steps.merge!(definitions(named_steps)) { |_id, known| known }
      end

      # Makes the run acquainted with the caller's own object of the task. If its definition is read in this run, that will do for all.
      def meet(task)
        @met = task unless task.association(:named_task).loaded?
      end

      # Gives a task its definition, if that is known.
      # @return [Tasker::Task] the task
      def introduce(task)
        give(task) { nil }
      end

      # Gives a task its definition.
      # @return [Tasker::Task] the task
      def equip(task)
        give(task) { |named_task_id| Tasker::NamedTask.find_by(named_task_id:) }
      end

      private

      # @param rows [Array<Array>] of steps, each with its id first
      # @return [Hash{Integer => Tasker::NamedStep, nil}] nil for those that the application hides
      def definitions(rows)
        return rows.map { |row| record(Tasker::NamedStep, row) }.index_by(&:named_step_id) if Rows.complete?(Tasker::NamedStep)

        ids = rows.map(&:first)
        ids.to_h { |id| [id, nil] }.merge(Tasker::NamedStep.where(named_step_id: ids).index_by(&:named_step_id))
      end

      def give(task, &)
        association = task.association(:named_task)
        return task if association.loaded?

        definition = known(task.named_task_id, &)
        association.target = definition if definition
        task
      end

      def known(named_task_id)
        @tasks[named_task_id] ||= met(named_task_id) || yield(named_task_id)
      end

      def met(named_task_id)
        named_task = @met&.association(:named_task)&.target
        named_task if named_task&.id == named_task_id
      end

      def record(model, row)
        model.instantiate(Rows.attributes(model, row))
      end
    end
  end
end
