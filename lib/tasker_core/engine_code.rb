# frozen_string_literal: true

module TaskerCore
  # Tells the engine's own code from what an application or a test has put in its place.
  #
  # A native answer stands for certain methods, callbacks and subscribers of the engine. Where one of them has been replaced or
  # joined by another, that other one must run.
  module EngineCode
    class << self
      # @param callable [Proc, Method, UnboundMethod]
      def own?(callable)
        file, = callable.source_location
        !file.nil? && file.start_with?(root)
      end

      # @param receiver [Object]
      # @param name [Symbol] of one of its methods
      def own_method?(receiver, name)
        own?(receiver.method(name))
      end

      private

      def root
        @root ||= "#{Tasker::Engine.root}/"
      end
    end
  end
end
