# frozen_string_literal: true

module TaskerCore
  module Transitions
    # Which transitions would be possible now. One statement, whatever the guards of the engine look at.
    class PossibleTransitions
      # @param machine [Statesman::Machine] one of the engine's
      # @param override [Override] on whose behalf
      def initialize(machine, override)
        @machine = machine
        @override = override
        @entity = Entity.new(machine)
      end

      # @param to [String]
      # @param metadata [Object] for guards that the application has added
      # @return [Boolean, Object] or {Override::DECLINED}
      def possible?(to, metadata)
        return Override::DECLINED unless feasible?(to)

        verdict, from = Native::QueryRunner.run(
          Native::Conversation.check_transition(
            @override.name, @entity.kind, @entity.id, [to, @entity.known_parents(to), [nil, nil]]
          ), @entity.label
        )
        return Override::DECLINED if verdict == :unknown_subject

        verdict == :permitted && guards_pass?(from, to, metadata)
      end

      # @return [Array<String>, Object] or {Override::DECLINED}
      def allowed(metadata)
        return Override::DECLINED unless feasible?(nil)

        from, states = Native::QueryRunner.run(
          Native::Conversation.allowed_transitions(
            @override.name, @entity.kind, @entity.id, @entity.known_parents("in_progress")
          ), @entity.label
        )
        return Override::DECLINED if from.nil?

        states.select { |to| guards_pass?(from, to, metadata) }
      end

      private

      def feasible?(to)
        @entity.native? && Callbacks.new(@machine, to).native?
      end

      def guards_pass?(from, to, metadata)
        Callbacks.new(@machine, to).run_guards(from, metadata)
        true
      rescue Statesman::GuardFailedError, Statesman::TransitionFailedError
        false
      end
    end
  end
end
