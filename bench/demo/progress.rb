# frozen_string_literal: true

require "ruby-progressbar"

module Demo
  # Shows how far the demo is: a bar on a terminal, lines elsewhere.
  class Progress
    # @param total [Integer] steps of workflows to run
    # @param out [IO]
    def initialize(total, out)
      @total = total
      @out = out
      @done = 0
      @mutex = Mutex.new
      out.puts("demo: starting the application") unless out.tty?
      return unless out.tty?

      @bar = ProgressBar.create(output: out, total:, format: "%t |%B| %p%% %e", title: "starting", length: 100)
    end

    # @param shape [String] what is under way
    # @param mode [String]
    # @param what [String]
    def now(shape, mode, what)
      text = "#{shape}, #{mode}, #{what}"
      @mutex.synchronize do
        next @bar.title = text.ljust(28) if @bar

        @out.puts("demo: #{text} (#{@done} of #{@total} steps done)")
        @out.flush
      end
    end

    # @param steps [Integer] that have been run
    def advance(steps)
      @mutex.synchronize do
        @done += steps
        @bar.progress = @done if @bar
      end
    end

    # Leaves the last line, whatever happened.
    def finish
      @bar&.stop
    end
  end
end
