# frozen_string_literal: true

require "ruby-progressbar"
require_relative "../verification"
require_relative "report"
require_relative "selection"

module TaskerCore
  class Verification
    # `rails tasker_core:verify`.
    class Command
      # @param env [Hash{String => String}] see {Selection}; `TIMEOUT` in seconds for each statement
      # @param out [IO] for the report
      # @param err [IO] for progress and errors
      def initialize(env, out, err)
        @selection = Selection.new(env)
        @out = out
        @err = err
      end

      # @return [Integer] the exit status: 0 without differences, 1 with some, 2 if nothing could be compared
      def run
        Extension.require!
        verification = Verification.new(timeout: @selection.timeout || TIMEOUT)
        task_ids = @selection.task_ids
        compare(verification, task_ids)
        Report.new(verification, task_ids.size, @out).print
        verification.differences.empty? ? 0 : 1
      rescue Error => e
        @err.puts(e.message)
        2
      end

      private

      def compare(verification, task_ids)
        bar = ProgressBar.create(output: @err, total: task_ids.size, title: "comparing tasks", format: "%t |%B| %c of %C %e", length: 100)
        verification.compare(task_ids) { bar.increment }
      ensure
        bar&.stop
      end
    end
  end
end
