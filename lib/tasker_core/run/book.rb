# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  class Run
    # What is known of tasks and of steps, each by its id.
    class Book
      def initialize
        @tasks = Concurrent::Map.new
        @steps = Concurrent::Map.new
      end

      # @param kind [String] `"task"` or `"step"`
      # @return [Concurrent::Map]
      def [](kind)
        kind == "task" ? @tasks : @steps
      end
    end
  end
end
