# frozen_string_literal: true

module Bench
  # How busy the machine's cores are, where the system reports it.
  module Cores
    FILE = "/proc/stat"
    # Places in the line of all cores: idle, and waiting for a disk.
    AT_REST = [3, 4].freeze
    private_constant :FILE, :AT_REST

    class << self
      # @return [Array(Object, Float)] what the block returns, and the busy share of all cores meanwhile, by all programs; nil
      #   where the system does not tell it
      def watch
        before = read
        value = yield
        after = read
        [value, before && busy(before.zip(after).map { |from, to| to - from })]
      end

      # @param ticks [Array<Integer>] by what they were spent on, as in /proc/stat
      # @return [Float]
      def busy(ticks) = 1 - (ticks.values_at(*AT_REST).sum / [ticks.sum, 1].max.to_f)

      private

      # Guests' ticks are among the users' already.
      def read = File.file?(FILE) ? File.foreach(FILE).first.split.drop(1).first(8).map { |ticks| Integer(ticks, 10) } : nil
    end
  end
end
