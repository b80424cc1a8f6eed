# frozen_string_literal: true

require "concurrent"

module TaskerCore
  module Doctor
    # How many jobs one process runs at once.
    module JobThreads
      class << self
        # @param adapter [String] Active Job's name for it
        # @return [Integer, nil] nil where only the adapter's own configuration knows
        def of(adapter)
          case adapter
          when "async" then Concurrent.processor_count
          when "inline", "test" then 1
          when "solid_queue" then solid_queue
          end
        end

        private

        # Workers are processes of their own; the largest counts.
        def solid_queue
          workers = SolidQueue::Configuration.new.configured_processes.select { |process| process.kind == :worker }
          workers.filter_map { |worker| worker.attributes.values_at(:threads, :fibers).compact.max }.max || 1
        end
      end
    end
  end
end
