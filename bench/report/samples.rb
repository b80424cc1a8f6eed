# frozen_string_literal: true

module Bench
  # Repeated measurements of one thing.
  class Samples
    # @return [Array<Float>] in the order of the rounds
    attr_reader :values

    # @param values [Array<Numeric>] at least one
    def initialize(values)
      raise ArgumentError, "expected at least one measurement, got none" if values.empty?

      @values = values.map(&:to_f)
    end

    # @return [Float]
    def median
      sorted = values.sort
      (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2
    end

    def min = values.min
    def max = values.max

    # @yieldparam value [Float]
    # @return [Samples]
    def map(&) = Samples.new(values.map(&))

    # @return [String] the median, and the range of all rounds
    def to_s
      "#{Samples.short(median)} (#{Samples.short(min)}–#{Samples.short(max)})"
    end

    # @param value [Numeric]
    # @return [String] three digits that count; whole numbers whole
    def self.short(value)
      return value.round.to_s.gsub(/(?<=\d)(?=(\d{3})+\z)/, ",") if value.is_a?(Integer) || value.abs >= 100
      return "0" if value.zero?

      digits = [2 - Math.log10(value.abs).floor, 0].max
      format("%.#{digits}f", value)
    end

    # @param slow [Samples]
    # @param fast [Samples]
    # @return [String] how many times as much the one is, by medians; a dash beside nothing
    def self.ratio(slow, fast)
      return "–" if fast.median.zero?

      "#{short(slow.median / fast.median)}×"
    end
  end
end
