# frozen_string_literal: true

require "fileutils"

module Bench
  # docs/benchmarks.md: sections that are made anew one by one, and plots beside it.
  class Document
    FILE = File.expand_path("../../docs/benchmarks.md", __dir__)
    # In this order they stand in the document.
    SECTIONS = %w[app profile queues workers readiness hosted hosts transitions creation core run worker growth scale dashboard
                  factories models indexes].freeze
    HEAD = <<~TEXT
      # Benchmarks

      The command in each section writes it, from one run on one machine: medians, with the range of all rounds in
      brackets. Rounds are interleaved, so load on the machine affects both sides: ratios are more reliable than times.
      PostgreSQL counts the statements; these numbers do not vary. [performance.md](performance.md) lists the targets, and the causes of those that are not
      reached.
    TEXT
    private_constant :HEAD

    # @param file [String]
    def initialize(file = FILE)
      @file = file
    end

    # @param name [String] one of {SECTIONS}
    # @param text [String] Markdown
    # @param plots [Hash{String => String}] SVG by file name
    def write(name, text, plots = {})
      raise ArgumentError, "expected one of #{SECTIONS.join(", ")}, got #{name.inspect}" unless SECTIONS.include?(name)

      FileUtils.mkdir_p(folder)
      plots.each { |plot, svg| File.write(File.join(folder, plot), svg) }
      sections = read.merge(name => text.strip)
      body = SECTIONS.filter_map { |section| wrap(section, sections[section]) if sections[section] }
      File.write(@file, "#{HEAD}\n#{body.join("\n")}")
    end

    # @return [Hash{String => String}] what stands there now
    def read
      return {} unless File.file?(@file)

      File.read(@file).scan(/^<!-- (\w+) -->\n(.*?)^<!-- end -->$/m).to_h { |name, text| [name, text.strip] }
    end

    private

    def folder = @file.delete_suffix(".md")

    def wrap(name, text) = "<!-- #{name} -->\n#{text}\n<!-- end -->\n"
  end
end
