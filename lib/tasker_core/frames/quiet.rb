# frozen_string_literal: true

module TaskerCore
  module Frames
    # Rounds of a workflow of which nobody hears but the log. Between two of its steps the engine then says a dozen things that are heard
    # nowhere: events without listeners, and lines below the log's level. What is left to do is done in fewer words.
    module Quiet
      TOLD = %i[
        publish_viable_steps_discovered publish_no_viable_steps publish_steps_execution_started publish_steps_execution_completed
        publish_event_with_logging log_orchestration_event log_performance_event log_structured
      ].freeze
      # Those of them that are private.
      PRIVATE = %i[publish_event_with_logging].freeze
      DISCOVERY = %i[find_viable_steps publish_viable_steps_discovered publish_no_viable_steps].freeze
      private_constant :TOLD, :PRIVATE, :DISCOVERY

      class << self
        # @param teller [Object] one of the engine's that logs and publishes
        # @return [Run, nil] the run that is in force, if what `teller` would tell of its rounds reaches nobody
        def run(teller)
          run = Run.current
          return unless run && Stock::Listeners.empty? && !teller.send(:should_log?, :debug)

          run if run.known_methods?(teller.class,
                                    TOLD) && Stock::EngineCode.without_singleton_methods?(teller, *PRIVATE) && asked_as_ever?(run)
        end

        # @return [Float] seconds, as the engine measures them
        def clock
          Process.clock_gettime(Process::CLOCK_MONOTONIC)
        end

        # Has the engine say how long something took, if it is long enough for that to be logged.
        # @param from [Float] when it began, by {clock}
        # @yieldreturn [Hash] what else is told
        def tell_if_slow(teller, operation, from)
          duration = clock - from
          return unless duration > teller.send(:telemetry_config).slow_query_threshold_seconds

          teller.log_performance_event(operation, duration, **yield)
        end

        private

        # Whether what the rounds ask is asked of the engine's methods, or of those in their place. Asked once in a run.
        def asked_as_ever?(run)
          run.verdicts.compute_if_absent(Quiet) { engine_asks? }
        end

        def engine_asks?
          orchestration = Tasker::Orchestration
          DISCOVERY.all? { |name| Stock::EngineCode.defines?(orchestration::ViableStepDiscovery.instance_method(name)) } &&
            Stock::EngineCode.defines_method?(orchestration::TaskFinalizer::BlockageChecker, :blocked_by_errors?) &&
            Stock::EngineCode.defines_method?(orchestration::TaskFinalizer::ContextManager, :get_task_execution_context) &&
            context_as_ever? && MethodPatcher.patched?(Tasker::WorkflowStep.method(:get_viable_steps)) && Stock::ReadinessChain.stock?
        end

        def context_as_ever?
          context = Tasker::Functions::FunctionBasedTaskExecutionContext
          MethodPatcher.patched?(context.method(:find)) && Stock::EngineCode.active_model_methods?(context, :execution_status)
        end
      end
    end
  end
end
