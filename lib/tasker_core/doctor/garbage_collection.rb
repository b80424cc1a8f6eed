# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether running steps forces full garbage collections, each of which stops every thread of the process.
    class GarbageCollection
      # @param configuration [Configuration]
      # @param execution [Tasker::Types::ExecutionConfig]
      # @param executor [Class]
      def initialize(configuration: TaskerCore.configuration, execution: Tasker::Configuration.configuration.execution,
                     executor: Tasker::Orchestration::StepExecutor)
        @configuration = configuration
        @execution = execution
        @executor = executor
      end

      def title = "garbage"

      def findings
        return [Finding.without_extension] unless Extension.loaded?

        return [own_rule] if own_rule?
        return [Finding.ok("running steps forces no collection")] if @configuration.enabled? && @configuration.repairs.forced_collections

        [forced]
      end

      private

      def own_rule?
        !Stock::EngineCode.unmodified?(@executor.instance_method(:should_trigger_gc?)) || !Fixes::ForcedCollections.engine_rule?(@execution)
      end

      def own_rule
        Finding.warn("the application has a rule of its own for when running steps forces a full collection",
                     "Take the override of `should_trigger_gc?`, or of a `gc_trigger_…` threshold, out of the application.")
      end

      def forced
        size = @execution.gc_trigger_batch_size_threshold
        duration = @execution.gc_trigger_duration_threshold
        Finding.warn("steps that run at once end with a full collection, from #{size} steps or #{duration} s on; up to " \
                     "#{@execution.max_concurrent_steps_limit} run at once",
                     "Switch the gem and its repair forced_collections on.")
      end
    end
  end
end
