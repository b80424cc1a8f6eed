# frozen_string_literal: true

require "stackprof"

module Demo
  # Where this process's own time goes, by samples of its stack: each counts for the frame that was at work, and for the room in which
  # that frame stands.
  module Sampling
    # Of the processor's time; many systems do not count in less.
    MICROSECONDS = 4_000
    # Whatever is done on behalf of a log line counts as one; the engine's `with_correlation_id` only surrounds what is done.
    LOGGING = %r{StructuredLogging#(?!with_)|LogSubscriber#|Logger#(?:add|debug|info|warn|error|dispatch)\b|/tasker_core/frames/logs}
    GARBAGE = /\A\((?:garbage collection|marking|sweeping)\)\z/
    # The first room that knows the innermost frame, or else the one around it, and so on. A method in C stands in no file.
    ROOMS = {
      "the driver (PG)" => /\APG::/,
      "the gem" => %r{\ATaskerCore\b|/lib/tasker_core[/.]},
      "ActiveRecord" => %r{/(?:activerecord|activemodel)-},
      "events" => %r{/dry-events-|/tasker/events/|/statesman-},
      "the engine" => %r{/tasker-engine-},
      "futures and threads" => %r{/concurrent-ruby-},
      "jobs" => %r{/activejob-},
      "other gems" => %r{/gems/}
    }.freeze
    REST = "the rest"
    private_constant :MICROSECONDS, :LOGGING, :GARBAGE, :ROOMS, :REST

    class << self
      # @return [Hash] `rooms` and `frames`: samples by name
      def take(&)
        taken = StackProf.run(mode: :cpu, interval: MICROSECONDS, raw: true, &)
        frames = taken.fetch(:frames).transform_values { |frame| [frame[:name], "#{frame[:name]} #{frame[:file]}"] }
        counted = stacks(taken[:raw] || []).map { |stack, weight| [stack.map { |id| frames.fetch(id) }, weight] }
        { rooms: sums(counted) { |stack| room(stack) }, frames: sums(counted) { |stack| "`#{stack.last.first}`" } }
      end

      private

      # @param raw [Array<Integer>] a length, so many frames from the outermost on, and how often in a row; again and again
      # @return [Array<Array(Array<Integer>, Integer)>]
      def stacks(raw)
        place = 0
        found = []
        while place < raw.size
          length = raw[place]
          found << [raw[place + 1, length], raw[place + length + 1]]
          place += length + 2
        end
        found
      end

      def sums(counted)
        counted.each_with_object(Hash.new(0)) { |(stack, weight), sums| sums[yield stack] += weight }
      end

      def room(stack)
        return "collecting garbage" if stack.last.first.match?(GARBAGE)
        return "log lines" if stack.any? { |_name, text| text.match?(LOGGING) }

        stack.reverse_each do |_name, text|
          room, = ROOMS.find { |_room, pattern| text.match?(pattern) }
          return room if room
        end
        REST
      end
    end
  end
end
