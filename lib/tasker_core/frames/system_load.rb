# frozen_string_literal: true

module TaskerCore
  module Frames
    # How busy the system is, by which the engine chooses how many steps to run at once. It counts all tasks and steps that there are, and
    # means to look once in `concurrency_cache_duration` seconds; but it remembers that in an object that lives for one workflow.
    #
    # Nobody looks where a look can change nothing: the engine runs as many steps as the connection pool and the load both allow, and the
    # highest load still allows one more than the least.
    module SystemLoad
      Seen = Data.define(:load, :pid, :at)
      FORMULA = %i[calculate_base_concurrency fetch_system_health_data].freeze
      private_constant :FORMULA

      class << self
        # @param duration [Numeric] seconds for which a look holds
        # @yieldreturn [Object, nil]
        def seen(duration)
          now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
          seen = @seen
          return seen.load if seen && seen.pid == Process.pid && now - seen.at < duration

          yield.tap { |load| @seen = Seen.new(load:, pid: Process.pid, at: now) if load }
        end

        # Makes the next one look again.
        def forget
          @seen = nil
        end

        # @return [Boolean] whether it is this gem that counts, on behalf of a workflow that it follows
        def counted?
          !Run.current.nil? && MethodPatcher.patched?(Tasker::Functions::FunctionBasedSystemHealthCounts.method(:call))
        end

        # @param executor [Tasker::Orchestration::StepExecutor]
        # @return [Boolean] whether nobody has changed what the engine makes of the pool and the load
        def as_ever?(executor)
          Stock::EngineCode.stock?(executor, *FORMULA) &&
            Stock::EngineCode.stock?(Tasker::Orchestration::ConnectionPoolIntelligence, :intelligent_concurrency_for_step_executor)
        end
      end

      def calculate_optimal_concurrency
        bounds = execution_config.min_concurrent_steps..execution_config.max_concurrent_steps_limit
        unless bounds.any? && SystemLoad.counted? && SystemLoad.as_ever?(self)
          return MethodPatcher.call_original(SystemLoad, :calculate_optimal_concurrency, self)
        end

        allowed = Tasker::Orchestration::ConnectionPoolIntelligence.intelligent_concurrency_for_step_executor
        load = fetch_system_health_data if allowed > bounds.min + 1
        allowed = [allowed, calculate_base_concurrency(load)].min if load
        allowed.clamp(bounds)
      rescue StandardError
        MethodPatcher.call_original(SystemLoad, :calculate_optimal_concurrency, self) # which has an answer for whatever goes wrong
      end

      def fetch_system_health_data
        engine = -> { MethodPatcher.call_original(SystemLoad, :fetch_system_health_data, self) }
        return engine.call unless SystemLoad.counted?

        SystemLoad.seen(execution_config.concurrency_cache_duration, &engine)
      end
    end
  end
end
