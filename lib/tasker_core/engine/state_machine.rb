# frozen_string_literal: true

module TaskerCore
  module Engine
    # Both of the engine's state machines.
    #
    # After a transition that the core has not performed from beginning to end, the run reads the state of the task or step again.
    module StateMachine
      TASK_OVERRIDES = Hash.new { |overrides, method| overrides[method] = Override["TaskStateMachine##{method}"] }
      STEP_OVERRIDES = Hash.new { |overrides, method| overrides[method] = Override["StepStateMachine##{method}"] }
      private_constant :TASK_OVERRIDES, :STEP_OVERRIDES

      def current_state
        Run.current&.state_in_hand(object) || machine_override(:current_state).ask(self) do |override|
          subject = Transitions::Entity.new(self)
          subject.known? ? subject.read_state(override) : Override::DECLINED
        end
      end

      def can_transition_to?(new_state, metadata = {})
        machine_override(:can_transition_to?).ask(self, new_state, metadata) do |override|
          Transitions::PossibleTransitions.new(self, override).possible?(new_state.to_s, metadata)
        end
      end

      def allowed_transitions(metadata = {})
        machine_override(:allowed_transitions).ask(self, metadata) do |override|
          Transitions::PossibleTransitions.new(self, override).allowed(metadata)
        end
      end

      def transition_to!(new_state, metadata = {})
        done = nil
        moved = machine_override(:transition_to!).change(self, new_state, metadata) do |override|
          done = Transitions::Transition.new(self, new_state.to_s, metadata, override).perform
        end
        Claims.of(object)&.followed(new_state.to_s) if done.equal?(Override::DECLINED)
        moved
      rescue ActiveRecord::ActiveRecordError => e
        Fixes::StrandedSteps.refused(e)
        raise
      ensure
        Transitions::Entity.new(self).unsure unless done == true
      end

      # Statesman defines it by `transition_to!`: a replacement of that one must run.
      def transition_to(new_state, metadata = {})
        done = nil
        machine_override(:transition_to).change(self, new_state, metadata) do |override|
          next Override::DECLINED unless MethodPatcher.patched?(method(:transition_to!))

          done = Transitions::Transition.new(self, new_state.to_s, metadata, override).perform
        rescue Statesman::TransitionFailedError, Statesman::GuardFailedError
          false
        end
      ensure
        Transitions::Entity.new(self).unsure unless done == true
      end

      private

      def machine_override(method)
        (is_a?(Tasker::StateMachine::TaskStateMachine) ? TASK_OVERRIDES : STEP_OVERRIDES)[method]
      end
    end
  end
end
