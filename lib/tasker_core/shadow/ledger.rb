# frozen_string_literal: true

require "concurrent/map"
require "concurrent/set"

module TaskerCore
  module Shadow
    # Results of the comparisons, counted for each method of the engine. Differences are published as they are found.
    class Ledger
      # `:alike` and `:different` are comparisons; the latter only where the engine said the same before and after the core did.
      # `:unsettled`: the facts moved between the two answers. `:declined`: the core would have left it to the engine, or there was
      # nothing to compare with. `:failed`: the core, or a subscriber that received a difference, raised an error.
      RESULTS = %i[alike different unsettled declined failed].freeze
      EVENT = "mismatch.tasker_core"
      # Differences and errors that are written to the log; the rest is only counted.
      LOGGED = 100
      private_constant :LOGGED

      def initialize
        reset
      end

      # @param override [String]
      # @return [Hash{Symbol => Integer}] by result
      def counts(override)
        RESULTS.index_with { |result| @counts[[override, result]] || 0 }
      end

      # @param result [Symbol, Difference] one of {RESULTS}, or the difference
      def note(override, result)
        return count(override, result) unless result.is_a?(Difference)

        count(override, :different)
        log("#{override} differs for #{result}")
        ActiveSupport::Notifications.instrument(
          EVENT, method: override, seam: override, **result.to_h.slice(:subject, :arguments, :engine, :core)
        )
      end

      # @param error [StandardError] that kept a comparison from being made
      def fail(override, error)
        count(override, :failed)
        log("#{override} could not be compared: #{error.class}: #{error.message.lines.first&.chomp}")
      end

      def reset
        @counts = Concurrent::Map.new
        @logged = Concurrent::Set.new
      end

      private

      def count(override, result)
        @counts.compute([override, result]) { |count| (count || 0) + 1 }
      end

      # Each line once, up to a readable number.
      def log(line)
        return if @logged.size >= LOGGED || !@logged.add?(line)

        Rails.logger.warn("tasker-core: shadow: #{line}")
        Rails.logger.warn("tasker-core: shadow: further differences are counted, not logged") if @logged.size == LOGGED
      end
    end
  end
end
