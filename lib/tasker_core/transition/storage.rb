# frozen_string_literal: true

module TaskerCore
  class Transition
    # The transition model of a machine, and its rows as objects.
    class Storage
      COLUMNS = %w[
        created_at from_state id metadata most_recent sort_key task_id to_state updated_at workflow_step_id
      ].freeze
      private_constant :COLUMNS

      class << self
        # @param metadata [Hash]
        # @return [String] the column's text, encoded as ActiveRecord encodes it
        def encode(metadata)
          ActiveSupport::JSON.encode(metadata)
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
          PlainModel.plain?(model) && (model.column_names - COLUMNS).empty?
      end

      # @return [Tasker::TaskTransition, Tasker::WorkflowStepTransition] not saved; what callbacks before the transition get
      def draft(to_state, metadata)
        sort_key = (@machine.last_transition&.sort_key || 0) + 10
        attach(model.new(to_state:, sort_key:, metadata:, most_recent: false))
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

      # Adds a new row to the owner's history, if that is in memory.
      def append(row)
        history.add_to_target(row) if loaded?
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
        @machine.object.association(task? ? :task_transitions : :workflow_step_transitions)
      end

      def attach(row)
        row.association(task? ? :task : :workflow_step).target = @machine.object
        row
      end
    end
  end
end
