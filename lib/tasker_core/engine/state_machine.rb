# frozen_string_literal: true

module TaskerCore
  module Backing
    # Both of the engine's state machines.
    #
    # After a transition that the core has not performed from beginning to end, whoever follows the task or step reads its state anew.
    module StateMachine
      TASK_SEAMS = Hash.new { |seams, method| seams[method] = Seam["TaskStateMachine##{method}"] }
      STEP_SEAMS = Hash.new { |seams, method| seams[method] = Seam["StepStateMachine##{method}"] }
      private_constant :TASK_SEAMS, :STEP_SEAMS

      def current_state
        Run.current&.state_in_hand(object) || machine_seam(:current_state).ask(self) do |seam|
          subject = Transition::Subject.new(self)
          subject.known? ? subject.read_state(seam) : Seam::DECLINED
        end
      end

      def can_transition_to?(new_state, metadata = {})
        machine_seam(:can_transition_to?).ask(self, new_state, metadata) do |seam|
          Transition::Inquiry.new(self, seam).possible?(new_state.to_s, metadata)
        end
      end

      def allowed_transitions(metadata = {})
        machine_seam(:allowed_transitions).ask(self, metadata) do |seam|
          Transition::Inquiry.new(self, seam).allowed(metadata)
        end
      end

      def transition_to!(new_state, metadata = {})
        done = nil
        moved = machine_seam(:transition_to!).change(self, new_state, metadata) do |seam|
          done = Transition.new(self, new_state.to_s, metadata, seam).perform
        end
        Claims.of(object)&.followed(new_state.to_s) if done.equal?(Seam::DECLINED)
        moved
      rescue ActiveRecord::ActiveRecordError => e
        Repairs::StrandedSteps.refused(e)
        raise
      ensure
        Transition::Subject.new(self).unsure unless done == true
      end

      # Statesman defines it by `transition_to!`; whoever has replaced that one must be called.
      def transition_to(new_state, metadata = {})
        done = nil
        machine_seam(:transition_to).change(self, new_state, metadata) do |seam|
          next Seam::DECLINED unless InPlace.own?(method(:transition_to!))

          done = Transition.new(self, new_state.to_s, metadata, seam).perform
        rescue Statesman::TransitionFailedError, Statesman::GuardFailedError
          false
        end
      ensure
        Transition::Subject.new(self).unsure unless done == true
      end

      private

      def machine_seam(method)
        (is_a?(Tasker::StateMachine::TaskStateMachine) ? TASK_SEAMS : STEP_SEAMS)[method]
      end
    end
  end
end
