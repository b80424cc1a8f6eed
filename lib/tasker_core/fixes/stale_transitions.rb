# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Two want to move the same task or step. Where the engine's own code performs the transition, its loser is left with a transition that
    # was never saved and never can be: from then on the object cannot be saved, though nothing is wrong with it. And where the loser finds
    # itself where it wanted to go, the engine means to raise a `GuardFailedError`, and raises an `ArgumentError` in the attempt.
    module StaleTransitions
      class << self
        # @return [Array<ActiveRecord::Base>, nil] transitions on the owner's object that are not saved; nil for what is no task or step
        def unsaved(owner)
          history(owner)&.target&.select(&:new_record?)
        end

        # Takes those off the owner's object that were not there before.
        def forget(owner, before)
          (unsaved(owner) - before).each { |transition| history(owner).target.delete(transition) }
        end

        # @return [Boolean] whether the engine meant to say that the owner has arrived already
        def arrived?(error)
          error.is_a?(ArgumentError) && error.backtrace&.first.to_s.match?(%r{statesman/exceptions\.rb:\d+:in .*initialize})
        end

        private

        def history(owner)
          Transitions::Storage.history(owner)
        end
      end

      # For both of the engine's state machines.
      module Machine
        def transition_to!(new_state, metadata = {})
          before = StaleTransitions.unsaved(object) if Fix.on?(:stale_transitions)
          MethodPatcher.call_original(Machine, :transition_to!, self, new_state, metadata)
        rescue StandardError => e
          raise if before.nil?

          StaleTransitions.forget(object, before)
          reset
          raise unless StaleTransitions.arrived?(e)

          raise Statesman::TransitionFailedError.new(new_state.to_s, new_state.to_s)
        end
      end
    end
  end
end
