# frozen_string_literal: true

require_relative "../report/report"

module Bench
  # What was at work in the process with the gem on, by samples of its stack, for several things that it did.
  class Sampled
    # Frames that are shown.
    SHOWN = 15
    private_constant :SHOWN

    def initialize
      @taken = {}
    end

    # @param name [String] of what was done
    # @param taken [Hash] as {Demo::Sampling} has taken it
    def add(name, taken)
      @taken[name] = taken
    end

    # @return [Array<String>] paragraphs and tables
    def parts
      ["Time left with the gem on: the process's processor time by what was at work, from samples of its stack (stackprof; " \
       "#{@taken.map { |name, taken| "#{Samples.short(taken["rooms"].values.sum)} of #{name}" }.join(", ")}). A method of Ruby itself " \
       "counts for its caller; all work for a log line counts as one.",
       table("room", "rooms"), "The frames at work most often, themselves and without what they call:",
       table("frame", "frames", SHOWN)]
    end

    private

    def table(title, what, count = nil)
      rows = shares(what)
      rows = rows.map { |name, shares| [name, *shares.map { |share| format("%.1f %%", share) }] }
      Markdown.table([title, *@taken.keys], rows.first(count || rows.size))
    end

    # Percents of all samples by name, the largest first.
    def shares(what)
      names = @taken.values.flat_map { |taken| taken[what].keys }.uniq
      names.map { |name| [name, @taken.values.map { |taken| share(taken[what], name) }] }.sort_by { |_name, shares| -shares.sum }
    end

    # What is done once only may be over before the first sample is taken.
    def share(samples, name) = samples.empty? ? 0.0 : samples.fetch(name, 0) * 100.0 / samples.values.sum
  end
end
