# frozen_string_literal: true

module TaskerCore
  class Verification
    # A verification in words.
    class Report
      LISTED = 1000
      COLUMNS = %i[compared different skipped engine core].freeze
      HEAD = "#{" " * 24}  compared  different  skipped   engine s   core s".freeze
      LINE = "%-24<name>s%10<compared>d%11<different>d%9<skipped>d%11<engine>.2f%9<core>.2f"
      private_constant :LISTED, :COLUMNS, :HEAD, :LINE

      # @param verification [Verification] that is over
      # @param tasks [Integer] how many there were
      # @param out [IO]
      def initialize(verification, tasks, out)
        @verification = verification
        @tasks = tasks
        @out = out
      end

      def print
        print_differences
        print_table
        print_skipped
        @out.puts("", summary)
      end

      private

      def print_differences
        all = @verification.differences
        all.first(LISTED).each do |difference|
          values = [difference.engine, difference.core].map { |answer| answer.inspect.truncate(1000) }
          @out.puts("#{difference.subject}, #{difference.check}: engine #{values.first}, core #{values.last}")
        end
        @out.puts("… and #{all.size - LISTED} more") if all.size > LISTED
        @out.puts if all.any?
      end

      def print_table
        @out.puts(HEAD)
        @verification.tallies.each do |name, tally|
          counts = [tally.compared, tally.different, tally.skipped.values.sum, tally.engine_seconds, tally.core_seconds]
          @out.puts(format(LINE, name:, **COLUMNS.zip(counts).to_h))
        end
      end

      def print_skipped
        @verification.tallies.each do |name, tally|
          tally.skipped.each { |reason, count| @out.puts("skipped #{count} × #{name}: #{reason}") }
        end
      end

      def summary
        count = @verification.differences.size
        skipped = @verification.tallies.values.sum { |tally| tally.skipped.values.sum }
        "#{@tasks} #{"task".pluralize(@tasks)}: #{count.zero? ? "no" : count} #{"difference".pluralize([count, 1].max)}" \
          "#{", #{skipped} skipped" if skipped.positive?}"
      end
    end
  end
end
