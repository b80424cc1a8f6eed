# frozen_string_literal: true

module TaskerCore
  module Transitions
    # The transition model of a machine, and its rows as objects.
    class Storage
      WRITTEN = %w[id to_state sort_key metadata most_recent].freeze
      private_constant :WRITTEN

      class << self
        # @param metadata [Hash]
        # @return [String] the column's text, encoded as ActiveRecord encodes it
        def encode(metadata)
          ActiveSupport::JSON.encode(metadata)
        end

        # @param owner [Object]
        # @return [ActiveRecord::Associations::CollectionAssociation, nil] nil for what is no task or step
        def history(owner)
          case owner
          when Tasker::Task then owner.association(:task_transitions)
          when Tasker::WorkflowStep then owner.association(:workflow_step_transitions)
          end
        end
      end

      # @param machine [Statesman::Machine]
      def initialize(machine)
        @machine = machine
      end

      # Whether the machine keeps its history in the engine's table, and nobody but the engine has a say in that.
      def native?
        adapter = @machine.instance_variable_get(:@storage_adapter)
        adapter.instance_of?(Statesman::Adapters::ActiveRecord) && adapter.transition_class == model &&
          Stock::Models.stock?(model)
      end

      # Whether row triggers of the application see how its rows are written.
      def triggers?
        Stock::RowTriggers.on?([model.table_name])
      end

      # @param from_state [String, nil] what the row is to say of the state before
      # @return [Tasker::TaskTransition, Tasker::WorkflowStepTransition] not saved; what callbacks before the transition get
      def draft(to_state, metadata, from_state)
        sort_key = (@machine.last_transition&.sort_key || 0) + 10
        attach(model.new(to_state:, sort_key:, metadata:, most_recent: false, from_state:, owner_key => @machine.object.id))
      end

      # Makes a draft the row that was written for it. What callbacks have set on it beyond that is written after.
      # @return [Tasker::TaskTransition, Tasker::WorkflowStepTransition] the draft, saved
      def complete(draft, id, sort_key, written_at)
        more = draft.changes.transform_values(&:last).except(*WRITTEN, owner_key)
        draft.assign_attributes(id:, sort_key:, most_recent: true)
        draft.created_at ||= written_at
        draft.updated_at ||= written_at
        draft.instance_variable_set(:@new_record, false)
        draft.instance_variable_set(:@previously_new_record, true)
        draft.changes_applied
        draft.update_columns(more) if more.any?
        draft
      end

      # @return [Tasker::TaskTransition, Tasker::WorkflowStepTransition] as if it had just been saved
      def row(to_state, metadata, id, sort_key, written_at)
        attach(
          model.instantiate(
            "id" => id, "to_state" => to_state, "from_state" => nil, "metadata" => Storage.encode(metadata),
            "sort_key" => sort_key, "most_recent" => true, owner_key => @machine.object.id,
            "created_at" => written_at.utc, "updated_at" => written_at.utc
          )
        )
      end

      # Whether the owner's history is in memory, and has to be told of new rows.
      def loaded?
        history.loaded?
      end

      # Adds a new row to the owner's history in memory.
      def append(row)
        history.add_to_target(row)
      end

      private

      def task?
        @machine.object.is_a?(Tasker::Task)
      end

      def model
        task? ? Tasker::TaskTransition : Tasker::WorkflowStepTransition
      end

      def owner_key
        task? ? "task_id" : "workflow_step_id"
      end

      def history
        Storage.history(@machine.object)
      end

      def attach(row)
        row.association(task? ? :task : :workflow_step).target = @machine.object
        row
      end
    end
  end
end
