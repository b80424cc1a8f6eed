# frozen_string_literal: true

module TaskerCore
  module Native
    # Instants between Ruby and the core, which counts microseconds since 1970 on the clock that the columns are kept in: UTC, or
    # local time where `config.active_record.default_timezone` says so.
    module TimestampCodec
      INFINITIES = { (2**63) - 1 => Float::INFINITY, -(2**63) => -Float::INFINITY }.freeze
      WORDS = { Float::INFINITY => "infinity", -Float::INFINITY => "-infinity" }.freeze
      private_constant :INFINITIES, :WORDS

      class << self
        # @param micros [Integer, nil]
        # @return [Time, Float, nil] of the class and zone that ActiveRecord gives such a column
        def to_time(micros)
          return if micros.nil?
          return INFINITIES[micros] if INFINITIES.key?(micros)

          utc = Time.at(0, micros, :microsecond, in: "UTC")
          return utc unless local?

          Time.local(utc.year, utc.month, utc.day, utc.hour, utc.min, utc.sec, utc.usec)
        end

        # @param micros [Integer, nil]
        # @return [Time, String, nil] what ActiveRecord is given by the driver, before it casts it
        def to_column(micros)
          time = to_time(micros)
          WORDS.fetch(time, time)
        end

        # @param time [Time]
        # @return [Integer]
        def to_micros(time)
          seconds = local? ? time.to_i + time.getlocal.utc_offset : time.to_i
          (seconds * 1_000_000) + time.usec
        end

        private

        def local?
          ActiveRecord.default_timezone == :local
        end
      end
    end
  end
end
