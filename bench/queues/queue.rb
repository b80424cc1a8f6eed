# frozen_string_literal: true

module Bench
  module Queues
    # How many jobs run at once, in each queue and in the engine's pool alike.
    THREADS = 5

    # Notifies the requesting process that all work is done.
    DONE = Thread::Queue.new

    # What a plain application does instead of a workflow: each job enqueues the next one.
    class ChainJob < ActiveJob::Base
      def perform(left)
        left > 1 ? self.class.perform_later(left - 1) : DONE.push(true)
      end
    end

    # One of many that another waits for.
    class BranchJob < ActiveJob::Base
      def perform; end
    end

    # What waits for a batch. GoodJob hands over the batch and what has happened.
    class JoinJob < ActiveJob::Base
      def perform(*) = DONE.push(true)
    end

    # The three things that are measured, as plain jobs. Subclasses know how a queue is set up and how it makes a batch.
    class Queue
      SECONDS_TO_FINISH = 120
      private_constant :SECONDS_TO_FINISH

      # @param shape [String] "chain", "fan_in" or "chains"
      # @return [Float] seconds from the first enqueuing to the end of the last job
      def run(shape)
        DONE.clear
        from = now
        public_send(shape)
        now - from
      end

      def chain(length = 50)
        ChainJob.perform_later(length)
        wait(1)
      end

      def fan_in(width = 20)
        batch(JoinJob) { width.times { BranchJob.perform_later } }
        wait(1)
      end

      def chains(count = 20, length = 10)
        count.times { ChainJob.perform_later(length) }
        wait(count)
      end

      private

      def wait(count)
        count.times { DONE.pop(timeout: SECONDS_TO_FINISH) or raise "#{self.class.name}: expected #{count} ends, got fewer in time" }
      end

      def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
