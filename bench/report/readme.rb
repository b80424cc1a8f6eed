# frozen_string_literal: true

module Bench
  # The table of the README that comes from a bench: what stands between its two marks.
  module Readme
    FILE = File.expand_path("../../README.md", __dir__)
    MARKS = /(?<=^<!-- bench:app -->\n).*?(?=^<!-- end -->$)/m
    private_constant :MARKS

    # Replaces it; a README without marks stays as it is.
    # @param table [String]
    # @param file [String]
    def self.write(table, file = FILE)
      text = File.read(file)
      File.write(file, text.sub(MARKS) { "\n#{table}\n\n" }) if text.match?(MARKS)
    end
  end
end
