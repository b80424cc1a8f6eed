# frozen_string_literal: true

# Who listens to the engine's events.
module Listeners
  class << self
    # Runs the block and forgets who has begun to listen in it.
    # @return [Object] what the block returns
    def forgotten_after
      before = listeners.keys.to_h { |event| [event, listeners[event].dup] }
      yield
    ensure
      listeners.each_pair { |event, list| list.replace(before.fetch(event, [])) }
    end

    private

    def listeners = Tasker::Events::Publisher.instance.__bus__.listeners
  end
end
