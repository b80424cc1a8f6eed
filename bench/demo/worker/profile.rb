# frozen_string_literal: true

module Demo
  # What a piece of work takes of this process.
  module Profile
    class << self
      # @return [Hash] milliseconds: `ms` in all, `processor` of this process, `statements` as ActiveRecord waits for them, `garbage` in
      #   collecting it; and `objects` allocated
      def take(&)
        GC.start
        before = readings
        waited = waiting(&)
        after = readings
        after.to_h { |name, value| [name, value - before.fetch(name)] }.merge(statements: waited)
      end

      private

      def readings
        {
          ms: clock(Process::CLOCK_MONOTONIC), processor: clock(Process::CLOCK_PROCESS_CPUTIME_ID),
          garbage: GC.stat(:time), objects: GC.stat(:total_allocated_objects)
        }
      end

      def clock(id) = Process.clock_gettime(id, :float_millisecond)

      # Steps run on several threads, and each waits for its own statements.
      def waiting(&)
        durations = Queue.new
        ActiveSupport::Notifications.subscribed(->(event) { durations << event.duration }, "sql.active_record", &)
        Array.new(durations.size) { durations.pop }.sum
      end
    end
  end
end
