# frozen_string_literal: true

# Threads that do the same thing at the same moment, on connections of their own.
class Race
  # @param size [Integer] how many
  def initialize(size)
    @size = size
    @barrier = Concurrent::CyclicBarrier.new(size)
  end

  # @param rounds [Array] each thread is given each of them
  # @yieldparam round [Object]
  # @yieldparam lane [Integer] which thread it is, from zero
  # @return [Array<Array<Outcome>>] for each round, what became of each thread's call
  def run(rounds)
    lanes = Array.new(@size) do |lane|
      Thread.new do
        Tasker::ApplicationRecord.connection_pool.with_connection do
          rounds.map do |round|
            @barrier.wait
            Outcome.of { yield(round, lane) }
          end
        end
      end
    end
    lanes.map(&:value).transpose
  end
end
