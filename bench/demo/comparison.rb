# frozen_string_literal: true

module Demo
  # One thing that is not the same with the gem off and on.
  #
  # @!attribute shape
  #   @return [String]
  # @!attribute what
  #   @return [String] where in the compared data
  # @!attribute expected
  #   @return [Object] with the gem off
  # @!attribute got
  #   @return [Object] with the gem on
  Difference = Data.define(:shape, :what, :expected, :got) do
    # @return [String] lines for people
    def to_s
      "#{shape}: #{what}\n    expected (off): #{show(expected)}\n    got (on):       #{show(got)}"
    end

    # @return [Hash] for data; what is not there on one side has no key
    def to_h
      super.reject { |_name, value| value.equal?(Comparison::NOTHING) }
    end

    private

    def show(value)
      return "nothing" if value.equal?(Comparison::NOTHING)

      text = value.inspect
      text.size > 1000 ? "#{text[0, 1000]}… (#{text.size} characters)" : text
    end
  end

  # Finds every difference between two pieces of data made of hashes, arrays and plain values.
  class Comparison
    NOTHING = Object.new.freeze

    # @param shape [String]
    def initialize(shape)
      @shape = shape
    end

    # @param what [String] a name for the whole
    # @return [Array<Difference>]
    def differences(what, expected, got)
      return [] if expected == got
      return hashes(what, expected, got) if expected.is_a?(Hash) && got.is_a?(Hash)
      return arrays(what, expected, got) if expected.is_a?(Array) && got.is_a?(Array)

      [Difference.new(shape: @shape, what:, expected:, got:)]
    end

    private

    def hashes(what, expected, got)
      (expected.keys | got.keys).flat_map do |key|
        differences("#{what}, #{key}", expected.fetch(key, NOTHING), got.fetch(key, NOTHING))
      end
    end

    # What both begin and end with is the same; what stands between is compared one by one if it is of one length, else as a whole.
    def arrays(what, expected, got)
      head = shared(expected, got)
      tail = [shared(expected.reverse, got.reverse), [expected.size, got.size].min - head].min
      expected = expected[head...(expected.size - tail)]
      got = got[head...(got.size - tail)]
      return pairs(what, head, expected, got) if expected.size == got.size

      place = "#{what}, from no. #{head + 1} (#{expected.size} expected, #{got.size} got)"
      [Difference.new(shape: @shape, what: place, expected:, got:)]
    end

    def pairs(what, offset, expected, got)
      expected.zip(got).each_with_index.flat_map do |(left, right), index|
        differences("#{what}, no. #{offset + index + 1}", left, right)
      end
    end

    def shared(left, right)
      left.zip(right).take_while { |one, other| one == other }.size.clamp(0, right.size)
    end
  end
end
