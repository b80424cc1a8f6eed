# frozen_string_literal: true

module TaskerCore
  class Verification
    # Parts of the engine's analysis of a task's graph.
    module Paths
      # The engine lists every path, in Ruby, where no timeout of a statement ends it.
      MOST = 10_000

      # What is not asked of the engine.
      class TooMany < Error; end

      class << self
        def graph(task)
          analyzer(task).build_dependency_graph
        end

        # @raise [TooMany] from the engine's side
        def critical(task)
          count = Switch.put(:on) { analyzer(task).send(:analyze_critical_paths)[:total_paths] } if TaskerCore.mode == :off
          raise TooMany, "expected #{MOST} paths or fewer, got #{count.to_s.size > 9 ? "more" : count}" if count && count > MOST

          analyzer(task).send(:analyze_critical_paths)
        end

        private

        def analyzer(task)
          Tasker::Analysis::RuntimeGraphAnalyzer.new(task:)
        end
      end
    end
  end
end
