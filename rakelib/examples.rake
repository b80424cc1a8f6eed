# frozen_string_literal: true

# Public items of the crate that no example in their file uses.
module ShownItems
  ITEM = /^\s*pub (?:async |const )*(?:fn|struct|enum|trait|type) (\w+)(?!\w*\(\$)/
  # Statements and the modules of the program are not public, and the names of a macro are parameters.
  FILES = FileList["src/**/*.rs"].exclude("src/sql/**/*", "src/bin/**/*", "src/models/define.rs")

  # @return [Array<String>] a line for each item
  def self.missing
    FILES.flat_map do |file|
      lines = File.readlines(file, chomp: true)
      shown = example_words(lines)
      lines.each.with_index(1).filter_map do |line, number|
        name = line[ITEM, 1]
        "#{file}:#{number}: expected an example of the file that uses `#{name}`, found none" if name && !shown.include?(name)
      end
    end
  end

  # @return [Set<String>] the words between the fences of the file's documentation
  def self.example_words(lines)
    inside = false
    lines.each_with_object(Set.new) do |line, words|
      text = line[%r{^\s*(?://[/!]|#\[doc =)(.*)}, 1]
      next inside = false unless text
      next inside = !inside if text.match?(/^\s*```/)

      words.merge(text.scan(/\w+/)) if inside
    end
  end
  private_class_method :example_words
end

namespace :lint do
  desc "Refuse public items of the crate that no example uses"
  task :examples do
    missing = ShownItems.missing
    abort missing.join("\n") if missing.any?
  end
end
