# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Leaves the collection of garbage to Ruby.
    #
    # The engine ends each slice of six steps or more, and each that took 30 seconds or more, with a full `GC.start`, which stops every
    # thread of the process.
    module ForcedCollections
      RULES = %i[should_trigger_gc? gc_trigger_batch_size_threshold gc_trigger_duration_threshold].freeze
      private_constant :RULES

      # @param execution [Tasker::Types::ExecutionConfig]
      # @return [Boolean] whether the engine's own rule decides; an application that has a rule of its own keeps it
      def self.engine_rule?(execution)
        Stock::EngineCode.stock?(execution, *RULES)
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        def should_trigger_gc?(batch_size, batch_start_time)
          if Fix.on?(:forced_collections) && ForcedCollections.engine_rule?(execution_config)
            false
          else
            MethodPatcher.call_original(Executor, :should_trigger_gc?, self, batch_size, batch_start_time)
          end
        end
      end
    end
  end
end
