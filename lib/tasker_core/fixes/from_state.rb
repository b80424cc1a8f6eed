# frozen_string_literal: true

module TaskerCore
  module Fixes
    # The engine's transitions have a column for the state before, which its version of Statesman leaves empty. Its events are looked up by
    # both states, so that a retry is announced as a beginning.
    module FromState
      class << self
        # @param state [String] the state before
        # @return [String, nil] what a transition's row is to say of it
        def of(state)
          state if Fixes.on?(:from_state)
        end
      end
    end
  end
end
