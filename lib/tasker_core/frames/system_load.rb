# frozen_string_literal: true

module TaskerCore
  module Frames
    # How busy the system is, by which the engine chooses how many steps to run at once. It counts all tasks and steps that there are, and
    # means to look once in `concurrency_cache_duration` seconds; but it remembers that in an object that lives for one workflow.
    module SystemLoad
      Seen = Data.define(:load, :pid, :at)

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
      end

      def fetch_system_health_data
        engine = -> { InPlace.engine(SystemLoad, :fetch_system_health_data, self) }
        return engine.call unless Run.current && InPlace.own?(Tasker::Functions::FunctionBasedSystemHealthCounts.method(:call))

        SystemLoad.seen(execution_config.concurrency_cache_duration, &engine)
      end
    end
  end
end
