# frozen_string_literal: true

module TaskerCore
  module Doctor
    # Writes down what was found: a line for each finding, and its cure below it.
    class Report
      # @param findings [Hash{String => Array<Finding>}] by title
      def initialize(findings)
        @findings = findings
      end

      # @param out [#puts]
      # @return [Integer] the exit status: 1 if anything does not work
      def print(out)
        width = @findings.keys.map(&:length).max
        @findings.each do |title, findings|
          findings.each { |finding| lines(title.ljust(width), finding).each { |line| out.puts line.rstrip } }
        end
        out.puts summary
        count(:fail).zero? ? 0 : 1
      end

      private

      def lines(title, finding)
        first, *others = finding.text.lines(chomp: true)
        margin = " " * (title.length + 8)
        ["#{finding.status.to_s.ljust(4)}  #{title}  #{first}", *others.map { |line| margin + line },
         *finding.cure.to_s.lines(chomp: true).map { |line| "#{margin}→ #{line}" }]
      end

      def summary
        return "all is well" if count(:warn).zero? && count(:fail).zero?

        "#{count(:fail)} that must be mended, #{count(:warn)} to look at"
      end

      def count(status)
        @findings.values.flatten.count { |finding| finding.status == status }
      end
    end
  end
end
