# frozen_string_literal: true

module Bench
  # Pieces of Markdown.
  module Markdown
    class << self
      # @param header [Array<String>] the first column is text, the others are numbers
      # @param rows [Array<Array>]
      # @return [String]
      def table(header, rows)
        lines = [header, header.each_index.map { |index| index.zero? ? "---" : "---:" }, *rows]
        lines.map { |cells| "| #{cells.join(" | ")} |" }.join("\n")
      end

      # @param title [String]
      # @param command [String] that makes the section
      # @param parts [Array<String>] paragraphs, tables and plots
      # @return [String]
      def section(title, command, parts)
        ["## #{title}", "    #{command}", *parts].join("\n\n")
      end

      # @param file [String] beside the document
      # @param text [String] what it shows
      def plot(file, text) = "![#{text}](benchmarks/#{file})"
    end
  end
end
