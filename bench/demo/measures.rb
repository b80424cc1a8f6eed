# frozen_string_literal: true

module Demo
  # Recognizes values that depend on when and how fast something ran.
  module Measures
    INSTANT = /\A\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/
    DURATION = /duration|elapsed|_ms\z/
    private_constant :INSTANT, :DURATION

    class << self
      # @param value [String]
      def instant?(value)
        value.match?(INSTANT)
      end

      # @param key [String, nil] under which a number stands
      def duration?(key)
        key&.match?(DURATION)
      end
    end
  end
end
