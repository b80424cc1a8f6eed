# frozen_string_literal: true

require "statesman"
require "statesman/exceptions"

module TaskerCore
  module Claims
    # A transition is refused since the worker's claim of the task or step, or of the step's task, is over. The engine logs it as any other
    # transition that is not possible.
    class LostError < Statesman::TransitionFailedError
      # @param from [String] the state that the task or step is in
      # @param to [String] the state that was asked for
      # @param claim [Claim] the one that was lost
      def initialize(from, to, claim)
        @claim = "#{claim.kind} #{claim.id} (transition #{claim.token})"
        super(from, to)
      end

      private

      def _message
        "#{super}: this worker's claim of #{@claim} has been lost"
      end
    end
  end
end
