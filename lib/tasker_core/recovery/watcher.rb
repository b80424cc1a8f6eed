# frozen_string_literal: true

module TaskerCore
  module Recovery
    # The thread of a worker. It waits on the lock's socket and sends nothing, unless a sweep is due or the session was lost.
    class Watcher
      PAUSE = 1 # second between two attempts to reach the database
      PAUSE_MICROS = PAUSE * 1_000_000
      # Sweeps that find nothing new come at twice the distance, up to that many times.
      DOUBLINGS = 7
      private_constant :DOUBLINGS

      # @param worker [Worker]
      def initialize(worker)
        @worker = worker
        @mutex = Mutex.new
        @fruitless = 0
        @missed = true
      end

      def start
        @mutex.synchronize do
          return if running? || !Recovery.watching

          @bell, @ringer = IO.pipe
          @thread = Thread.new { run }
          @thread.name = "tasker-core recovery"
        end
      end

      def running?
        @thread&.alive? || false
      end

      # @param instant [Integer] microseconds of {Recovery.clock}; an earlier appointment stays
      def sweep_at(instant)
        @sweep_at = [@sweep_at, instant].compact.min
        ring
      end

      # @param report [Report] of the sweep before
      def sweep_again(report)
        return if report.suspects.empty? && report.failed.empty?

        @fruitless = report.nothing? ? [@fruitless + 1, DOUBLINGS].min : 0
        factor = 1 << [@fruitless - 1, 0].max
        sweep_at(Recovery.clock.call + (TaskerCore.configuration.recovery_grace * factor * 1_000_000).to_i)
      end

      # Abandoned claims of this process are to be ended.
      def recover_own
        @own = true
        ring
      end

      def stop
        @thread&.kill&.join
        [@bell, @ringer].each { |io| io&.close }
        @thread = nil
      end

      private

      def ring
        @ringer&.write_nonblock(".")
      rescue IO::WaitWritable, IOError
        nil
      end

      def run
        loop do
          await
          work
        rescue StandardError => e
          Rails.logger.error("tasker-core: recovery: #{e.class}: #{e.message}")
          @bell.wait_readable(PAUSE)
        end
      end

      # Returns when there is something to do: a sweep, claims of our own, or a lock to retake.
      def await
        seconds = due_in
        if @worker.held?
          @worker.lost && (@own = @missed = true) if @worker.session.ended?(@bell, seconds)
        else
          @bell.wait_readable(PAUSE)
        end
        @bell.read_nonblock(4_096, exception: false)
      end

      # @return [Float, nil] seconds; nil where nothing is to be done
      def due_in
        return 0 if @own

        [(@sweep_at - Recovery.clock.call) / 1e6, 0].max if @sweep_at
      end

      def work
        @own = true if !@worker.held? && @worker.hold
        return unless @worker.held?

        hand_over
        if @sweep_at && Recovery.clock.call >= @sweep_at
          @sweep_at = nil
          @own = false
          @worker.within { @worker.sweep }
        elsif @own
          @own = false
          @worker.within { own_claims }
        end
      end

      # Tasks that Rust workers have named, and those that were named while nobody listened.
      def hand_over
        named = @worker.session.take_named
        return unless @missed || named.any?

        missed = @missed
        @missed = false
        @worker.within do
          RustSteps::Handover.enqueue(named)
          RustSteps::Handover.enqueue_missed if missed
        end
      rescue StandardError
        @missed = true # the tables have what was named
        raise
      end

      def own_claims
        report = Sweep.new(@worker).own_claims
        @own = true if report.failed.any?
        @bell.wait_readable(PAUSE) if @own
      rescue StandardError
        @own = true
        raise
      end
    end
  end
end
