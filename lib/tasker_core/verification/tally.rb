# frozen_string_literal: true

module TaskerCore
  class Verification
    # How often a question was asked, and what came of it.
    class Tally
      # @return [Integer]
      attr_reader :compared, :different
      # @return [Float] seconds that each side has taken for what was compared
      attr_reader :engine_seconds, :core_seconds
      # @return [Hash{String => Integer}] why nothing could be compared, and how often
      attr_reader :skipped

      def initialize
        @compared = @different = 0
        @engine_seconds = @core_seconds = 0.0
        @skipped = Hash.new(0)
      end

      def add(engine_seconds, core_seconds)
        @compared += 1
        @engine_seconds += engine_seconds
        @core_seconds += core_seconds
      end

      def differ
        @different += 1
      end

      # @param reason [String]
      def skip(reason)
        @skipped[reason] += 1
      end
    end
  end
end
