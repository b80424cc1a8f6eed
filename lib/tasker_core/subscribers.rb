# frozen_string_literal: true

module TaskerCore
  # Who listens to the engine's events.
  module Subscribers
    class << self
      # @param event [String]
      # @return [Boolean] whether anybody but the engine would be told of it
      def any?(event)
        publisher = Tasker::Events::Publisher.instance
        publish = publisher.method(:publish)
        return true unless EngineCode.own?(publish) || InPlace.own?(publish)

        publisher.__bus__.listeners[event].any? { |listener, _filter| !EngineCode.own?(listener) }
      end
    end
  end
end
