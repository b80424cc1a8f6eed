# frozen_string_literal: true

require_relative "comparison"

module Demo
  # What was measured and recorded of one shape, and what follows from it.
  class Result
    # @return [Shapes::Shape]
    attr_reader :shape

    # @return [Array<Sample>]
    attr_reader :samples

    # @param shape [Shapes::Shape]
    # @param samples [Array<Sample>]
    # @param recordings [Recordings::Triple]
    def initialize(shape, samples, recordings)
      @shape = shape
      @samples = samples
      @recordings = recordings
    end

    # @return [Integer] how often it was measured in each mode
    def rounds = of("off").size

    # @param mode [String] "off" or "on"
    # @param phase [Symbol] :create or :run
    # @return [Integer] median of the statements
    def statements(mode, phase) = median(of(mode).map { |sample| sample.public_send(phase).statements }).round

    # @return [Float] median of the milliseconds
    def ms(mode, phase) = median(of(mode).map { |sample| sample.public_send(phase).ms })

    # @return [Float] while it runs
    def steps_per_second(mode) = shape.size * 1000 / ms(mode, :run)

    # @return [Float] how many times as fast it runs with the gem on
    def ratio = ms("off", :run) / ms("on", :run)

    # @return [Boolean]
    def fewer_statements?
      total("on") < total("off")
    end

    # @return [Array<Difference>] in end states, events and log lines
    def differences
      @differences ||= rounds_compared + comparison.differences("recorded", *@recordings.pair)
    end

    # @param mode [String]
    # @return [Hash{String => Hash}] the gem's statistics of what ran in that mode, by what it was, but for {#answers_subscribed}
    def answers(mode)
      timed = of(mode).flat_map { |sample| sample.answers.map { |phase, counts| ["round #{sample.round}, #{phase}", counts] } }
      timed.to_h.merge("recorded" => (mode == "off" ? @recordings.off : @recordings.on).answers)
    end

    # @return [Hash] the gem's statistics of the run with a subscriber of the application, in which the gem may hand over to the engine
    def answers_subscribed = @recordings.on_subscribed.answers

    # @return [Integer] median of the statements of both phases
    def total(mode) = median(of(mode).map(&:statements)).round

    private

    def of(mode) = @samples.select { |sample| sample.mode == mode }

    def rounds_compared
      of("off").zip(of("on")).flat_map do |off, on|
        comparison.differences("round #{off.round}, end state", off.state, on.state)
      end
    end

    def comparison = Comparison.new(shape.name)

    def median(values)
      sorted = values.sort
      (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2.0
    end
  end
end
