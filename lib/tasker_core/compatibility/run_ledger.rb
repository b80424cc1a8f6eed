# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  module Compatibility
    # Counts the runs of this process, natively and by the engine's own loop, and the reasons for the latter.
    class RunLedger
      # One run, and how it was decided.
      #
      # @!attribute [r] handler
      #   @return [String] the class of its task handler
      # @!attribute [r] reasons
      #   @return [Array<Reason>] why it is not native, or not wholly
      # @!attribute [r] loop_reasons
      #   @return [Array<Reason>] why it is not in the core's loop, where it is native
      Run = Data.define(:task_id, :handler, :reasons, :core_loop, :loop_reasons) do
        def native? = reasons.none? { |reason| reason.scope == :run }

        # @return [Hash] of the notification
        def to_h = { **super, native: native?, reasons: reasons.map(&:to_s), loop_reasons: loop_reasons.map(&:to_s) }
      end

      # Different reasons that are kept; a process has some dozens at most, unless classes are made while it runs.
      LIMIT = 1_000
      private_constant :LIMIT

      def initialize
        reset
      end

      # Counts a run, logs each reason once for each task handler, and publishes `run.tasker_core`.
      #
      # @param run [Run]
      # @return [void]
      def record(run)
        count(run.native? ? :native : :engine)
        count(:core_loop) if run.core_loop
        [*run.reasons, *run.loop_reasons].each { |reason| log(run.handler, reason) if count_reason(run.handler, reason) == 1 }
        Instrumentation.tell("run", **run.to_h)
      end

      # @return [Hash] see {TaskerCore.run_stats}
      def to_h
        loops, others = @reasons.each_pair.partition { |(_, _, scope), _| scope == :loop }
        { native: counted(:native), engine: counted(:engine), reasons: sums(others),
          core_loop: counted(:core_loop), loop_reasons: sums(loops) }
      end

      def reset
        @counts = Concurrent::Map.new
        @reasons = Concurrent::Map.new
      end

      private

      def count(name) = @counts.compute(name) { |count| count.to_i + 1 }
      def counted(name) = @counts.fetch(name, 0)

      def sums(reasons)
        reasons.each_with_object(Hash.new(0)) { |((_, reason, _), times), sum| sum[reason] += times }.to_a.sort.to_h
      end

      # @return [Integer, nil] how often it was counted; nil where there are too many
      def count_reason(handler, reason)
        key = [handler, reason.to_s, reason.scope]
        @reasons.compute(key) { |times| times.to_i + 1 } if @reasons.key?(key) || @reasons.size < LIMIT
      end

      def log(handler, reason)
        Rails.logger.info { "tasker-core: workflows of #{handler} #{EFFECTS.fetch(reason.scope)}, because #{reason}" }
      end
    end
  end
end
