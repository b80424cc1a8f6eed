# frozen_string_literal: true

module TaskerCore
  module Transitions
    # The task or step that a machine moves.
    class Entity
      class << self
        # @param kind [String] `"task"` or `"step"`
        # @return [Hash{String => Array<String>}] the core's table of states and their successors
        def successors(kind)
          (@successors ||= {})[kind] ||= Native.successors(kind).freeze
        end
      end

      # @param machine [Statesman::Machine]
      def initialize(machine)
        @machine = machine
        @object = machine.object
        @task = @object.is_a?(Tasker::Task)
      end

      def id
        @object.id
      end

      # @return [String] the core's word for what it is
      def kind
        @task ? "task" : "step"
      end

      # @return [String] the statements' name for log subscribers
      def label
        @task ? "TaskTransition Load" : "WorkflowStepTransition Load"
      end

      # Whether it is one of the engine's models, and saved.
      def known?
        (@task || @object.is_a?(Tasker::WorkflowStep)) && @object.persisted? && Native::Ids.id?(id)
      end

      # @param override [Override] on whose behalf
      # @return [String] the state that the database says it is in
      def read_state(override)
        survey = Run.current&.outlook(id) if @task
        return survey.state.tap { override.answered } if survey

        state = Native::QueryRunner.run(Native::Conversation.current_state(override.name, kind, id), label)
        Run.current&.learn(kind, id, state) unless Native::QueryRunner.transaction_open?
        state
      end

      # Tells whoever is running it that it has moved.
      def moved(to)
        Run.moved(kind, id, to)
      end

      # Tells whoever is running it that its state must be read again.
      def unsure
        Run.unsure(kind, id) if known?
        lent
      end

      # Guards and callbacks of the application have had it in hands.
      def lent
        Run::HeldStep.handed_out(@object)
      end

      # Whether the core can also judge its transitions: the machine has the engine's table, and the engine's own way of judging its
      # guard has not been replaced.
      def native?
        known? && @machine.class.successors == Entity.successors(kind) &&
          MethodPatcher.patched?(@machine.method(:current_state)) && guard_of_the_engine?
      end

      # The parents that the engine's guard would look at: an association that is loaded is trusted as it is.
      #
      # @param to [String] the state to enter
      # @return [Array<Integer>, nil] nil where the edges tell, or nobody asks
      def known_parents(to)
        return if @task || to != "in_progress"

        parents = own_parents || @object.parents
        ids_of(parents) if parents.loaded?
      end

      private

      def guard_of_the_engine?
        if @task
          Stock::EngineCode.defines_method?(@object, :all_steps_complete?) &&
            Stock::EngineCode.stock?(@machine.class, :idempotent_transition?, :effective_current_state) &&
            Stock::ReadinessChain.stock?(:all_steps_complete_for_task?, :complete_for_task)
        else
          Stock::EngineCode.stock?(@machine.class, :step_dependencies_met?, :idempotent_transition?, :effective_current_state) &&
            (!own_parents.nil? || @object.parents.is_a?(ActiveRecord::Associations::CollectionProxy))
        end
      end

      def ids_of(parents)
        parents = parents.target if parents.is_a?(ActiveRecord::Associations::CollectionAssociation)
        parents.map(&:workflow_step_id)
      end

      # What `parents` of a step reads, without the proxy that it makes of it.
      # @return [ActiveRecord::Associations::CollectionAssociation, nil] nil where that is somebody else's, or would be read anew
      def own_parents
        return unless @object.method(:parents).owner.equal?(@object.class.generated_association_methods)

        association = @object.association(:parents)
        association unless association.stale_target?
      end
    end
  end
end
