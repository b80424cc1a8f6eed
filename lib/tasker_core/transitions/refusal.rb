# frozen_string_literal: true

module TaskerCore
  module Transitions
    # The engine's errors for the core's refusals.
    module Refusal
      class << self
        # @param verdict [Symbol] `:no_such_transition`, `:guard_failed`, `:claim_lost` or `:task_claim_lost`
        # @param claim [Claims::Claim, nil] of the worker that asked
        # @return [Statesman::TransitionFailedError, Statesman::GuardFailedError]
        def error(machine, verdict, from, to, claim = nil)
          case verdict
          when :no_such_transition then Statesman::TransitionFailedError.new(from, to)
          when :guard_failed then guard_failed(machine, from, to)
          when :claim_lost then Claims::LostError.new(from, to, claim)
          when :task_claim_lost then Claims::LostError.new(from, to, claim.task)
          else raise InternalError, "unknown verdict on a transition: expected a refusal, got #{verdict.inspect}"
          end
        end

        private

        def guard_failed(machine, from, to)
          guard = machine.class.callbacks[:guards].find do |callback|
            Stock::EngineCode.defines?(callback.callback) && callback.applies_to?(from: from, to: to)
          end
          Statesman::GuardFailedError.new(guard.from, guard.to, guard.callback)
        end
      end
    end
  end
end
