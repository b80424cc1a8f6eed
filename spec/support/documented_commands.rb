# frozen_string_literal: true

# The commands and the Ruby of README.md and docs/, as a reader would copy them.
module DocumentedCommands
  ROOT = File.expand_path("../..", __dir__)
  FILES = ["README.md", *Dir["docs/*.md", base: ROOT]].freeze
  PROGRAMS = %w[bundle cargo cd curl export gem git kill node npm npx pip psql python3 rails rake ruby rustup source tasker-core].freeze
  START = %r{\A(?:[A-Z_]+=\S+ )*(?:bin/\w+|#{PROGRAMS.join("|")})(?: (?!was )|\z)}
  FENCED = /^```.*?^```$/m
  # A prompt, a command, and what it prints.
  SESSION = /^    \$ .*\n(?:\n?    .*\n)*/
  # Alone on a line, behind four spaces.
  LINE = /^    (\S.*)$/

  module_function

  # @return [Hash{String => Array<String>}] the documents of each command
  def all
    @all ||= FILES.each_with_object(Hash.new { |found, command| found[command] = [] }) do |file, found|
      of(File.read(File.join(ROOT, file)).gsub(FENCED, "")).each { |command| found[command] |= [file] }
    end
  end

  # @return [Hash{String => Array<String>}] by document, the lines behind four spaces that are none
  def other_lines
    lines = FILES.to_h do |file|
      text = File.read(File.join(ROOT, file)).gsub(FENCED, "").gsub(SESSION, "")
      [file, text.scan(LINE).flatten.reject { |line| of("    #{line}").any? }]
    end
    lines.reject { |_file, found| found.empty? }
  end

  # @return [Hash{String => Array<String>}] the blocks of a language by document
  def blocks(language)
    blocks = FILES.to_h { |file| [file, File.read(File.join(ROOT, file)).scan(/^```#{language}\n(.*?)^```$/m).flatten] }
    blocks.reject { |_file, texts| texts.empty? }
  end

  # @return [Array<String>] of the blocks; empty for pictures made of characters
  def languages = FILES.flat_map { |file| File.read(File.join(ROOT, file)).scan(/^```([^\n]*)\n.*?^```$/m).flatten }.uniq

  # Comments and the prompt are no part of a command.
  def of(text)
    lines = text.scan(LINE).flatten.map { |line| line.sub(/\s+#.*/, "").delete_suffix(" &").delete_prefix("$ ") }
    (lines + text.gsub(LINE, "").scan(/`([^`\n]+)`/).flatten).grep(START)
  end
end
