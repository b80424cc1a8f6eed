# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  module Compatibility
    # Counts the runs of this process, natively and by the engine's own loop, and the reasons for the latter.
    class RunLedger
      # Different reasons that are kept; a process has some dozens at most, unless classes are made while it runs.
      LIMIT = 1_000
      private_constant :LIMIT

      def initialize
        reset
      end

      # Counts a run, logs each reason once for each task handler, and publishes `run.tasker_core`.
      #
      # @param task_id [Integer]
      # @param task_handler [Object]
      # @param reasons [Array<Reason>]
      # @return [void]
      def record(task_id, task_handler, reasons)
        handler = Reason.name_of(task_handler.class)
        native = reasons.none? { |reason| reason.scope == :run }
        count(native ? :native : :engine)
        reasons.each { |reason| log(handler, reason) if count_reason(handler, reason) == 1 }
        Instrumentation.tell("run", task_id:, handler:, native:, reasons: reasons.map(&:to_s))
      end

      # @return [Hash] `{ native: Integer, engine: Integer, reasons: { String => Integer } }`
      def to_h
        counts = @counts
        { native: counts.fetch(:native, 0), engine: counts.fetch(:engine, 0),
          reasons: @reasons.each_pair.with_object(Hash.new(0)) { |((_, reason), times), sum| sum[reason] += times }.to_a.sort.to_h }
      end

      def reset
        @counts = Concurrent::Map.new
        @reasons = Concurrent::Map.new
      end

      private

      def count(name) = @counts.compute(name) { |count| count.to_i + 1 }

      # @return [Integer, nil] how often it was counted; nil where there are too many
      def count_reason(handler, reason)
        key = [handler, reason.to_s]
        @reasons.compute(key) { |times| times.to_i + 1 } if @reasons.key?(key) || @reasons.size < LIMIT
      end

      def log(handler, reason)
        Rails.logger.info { "tasker-core: workflows of #{handler} #{EFFECTS.fetch(reason.scope)}, because #{reason}" }
      end
    end
  end
end
