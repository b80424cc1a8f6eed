# frozen_string_literal: true

# The commands and the Ruby of README.md and docs/, as a reader would copy them.
module DocumentedCommands
  ROOT = File.expand_path("../..", __dir__)
  FILES = ["README.md", *Dir["docs/*.md", base: ROOT]].freeze
  START = %r{\A(?:[A-Z_]+=\S+ )*(?:bin/\w+|rails|rake|bundle|cargo|gem|npm|pip|kill|cd|tasker-core)(?: (?!was )|\z)}
  FENCED = /^```.*?^```$/m
  # Alone on a line, behind four spaces.
  LINE = /^    (\S.*)$/

  module_function

  # @return [Hash{String => Array<String>}] the documents of each command
  def all
    @all ||= FILES.each_with_object(Hash.new { |found, command| found[command] = [] }) do |file, found|
      of(File.read(File.join(ROOT, file)).gsub(FENCED, "")).each { |command| found[command] |= [file] }
    end
  end

  # @return [Hash{String => Array<String>}] the blocks of Ruby by document
  def ruby
    blocks = FILES.to_h { |file| [file, File.read(File.join(ROOT, file)).scan(/^```ruby\n(.*?)^```$/m).flatten] }
    blocks.reject { |_file, texts| texts.empty? }
  end

  # Comments and the prompt are no part of a command.
  def of(text)
    lines = text.scan(LINE).flatten.map { |line| line.sub(/\s+#.*/, "").delete_suffix(" &").delete_prefix("$ ") }
    (lines + text.gsub(LINE, "").scan(/`([^`\n]+)`/).flatten).grep(START)
  end
end
