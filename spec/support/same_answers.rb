# frozen_string_literal: true

# Compares the gem off with the gem on.
#
#   expect { status.for_task(id) }.to answer_alike.by("FunctionBasedStepReadinessStatus.for_task")
#
# The block runs twice, first with the engine's own code. It has to return something that can be compared, and to make rows of its own
# where it changes them. Ruby's clock stands still over both runs.
#
# An error counts as an answer where it is expected: `answer_alike.raising(Statesman::GuardFailedError)`.
module SameAnswers
  extend RSpec::Matchers::DSL

  # @return [Array<Outcome>] with the engine's own code, and with the gem
  def off_and_on(&block)
    off = TaskerCore.without { Outcome.of(&block) }
    TaskerCore.reset_stats
    [off, Outcome.of(&block)]
  end

  # @return [Hash{String => Hash}] as TaskerCore.stats, without methods that were not called
  def answers_given
    TaskerCore.stats.reject { |_, counts| counts.values.all?(&:zero?) }
  end

  matcher :answer_alike do
    supports_block_expectations

    # The methods that Rust has to have answered, each time.
    chain(:by) { |*overrides| @native = overrides }
    # The methods that must have been handed over to the engine's own code.
    chain(:by_the_engine) { |*overrides| @declined = overrides }
    chain(:raising) { |error_class| @error_class = error_class }
    # For the engine to decide.
    chain(:or_raise_alike) { @either = true }
    # For messages that cannot be the same, such as those that quote the statement.
    chain(:whatever_the_message) { @no_message = true }

    match do |block|
      travel_to(Time.now, with_usec: true) { @off, @on = off_and_on(&block) }
      @counts = answers_given
      expected_kind? && same? && answered_by_rust? && answered_by_the_engine?
    end

    def expected_kind?
      @either || (@error_class ? @off.error && @off.error[:class] == @error_class : @off.error.nil?)
    end

    def same?
      return @off == @on unless @no_message

      @off.error[:class] == @on.error&.fetch(:class)
    end

    def answered_by_rust?
      Array(@native).all? { |override| @counts.dig(override, :rust)&.positive? && @counts.dig(override, :engine).zero? }
    end

    def answered_by_the_engine?
      Array(@declined).all? { |override| @counts.dig(override, :engine)&.positive? }
    end

    failure_message do
      next "expected the engine to #{@error_class ? "raise #{@error_class}" : "answer"}, got #{@off.inspect}" unless expected_kind?
      next "expected the same off and on, got (- off, + on):#{difference}" unless same?

      "expected Rust to answer for #{@native.inspect} and the engine for #{@declined.inspect}, got #{@counts.inspect}"
    end

    def difference
      diff = RSpec::Expectations.differ.diff("#{@on.inspect}\n", "#{@off.inspect}\n")
      diff.strip.empty? ? "\n- #{@off.inspect}\n+ #{@on.inspect}" : diff
    end
  end
end
