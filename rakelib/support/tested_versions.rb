# frozen_string_literal: true

# The combinations of Ruby and PostgreSQL on which the tests have passed: docs/tested.md lists them, README.md names them.
class TestedVersions
  ROOT = File.expand_path("../..", __dir__)
  DOCUMENT = File.join(ROOT, "docs/tested.md")
  README = File.join(ROOT, "README.md")
  # What bin/test --matrix leaves: combination, task, result, day and number of examples, with tabs between.
  RECORD = File.join(ROOT, "tmp/matrix/record.tsv")
  TABLE = /(?<=<!-- matrix -->\n\n).*?(?=\n<!-- end -->)/m
  LINE = /^\| tested \|.*$/
  HEAD = "| Ruby | PostgreSQL | tests | examples | day |\n| --- | --- | --- | ---: | --- |\n"
  # By task of rake.
  TESTS = { "spec:matrix" => "comparison with the engine, PgBouncer", "spec:rust" => "the crate", "spec" => "all" }.freeze
  private_constant :HEAD

  # @!attribute ruby [String]
  # @!attribute server [String] the version of PostgreSQL
  # @!attribute tests [String] one of the values of {TESTS}
  # @!attribute examples [String] their number
  # @!attribute day [String]
  Run = Data.define(:ruby, :server, :tests, :examples, :day) do
    def combination = [ruby, server, tests]
    def to_row = "| #{to_h.values.join(" | ")} |"
    def key = [Gem::Version.new(ruby), Gem::Version.new(server), tests]
  end

  # @return [Array<Run>] those of a text in the format of docs/tested.md
  def self.parse(text)
    text[TABLE].lines.drop(2).map { |line| Run.new(*line.strip.delete_prefix("| ").delete_suffix(" |").split(" | ")) }
  end

  # @param text [String] in the format of {RECORD}
  # @return [Array(Array<Run>, Array<Array<String>>)] what has passed at last, and the combinations that have failed at last
  def self.read(text)
    last = text.lines(chomp: true).map { |line| line.split("\t") }.to_h do |combination, task, status, day, examples|
      ruby, server = combination.match(/\ARuby (\S+), PostgreSQL (\S+)\z/).captures
      run = Run.new(ruby:, server:, tests: TESTS.fetch(task), examples: examples.to_s.empty? ? "–" : examples, day:)
      [run.combination, [run, status]]
    end
    passed, failed = last.values.partition { |_run, status| status == "passed" }
    [passed.map(&:first), failed.map { |run, _status| run.combination }]
  end

  # @param document [String] of docs/tested.md
  # @param record [String]
  # @return [String] the document with what the record adds; combinations that fail now are left out
  def self.update(document, record)
    passed, failed = read(record)
    known = parse(document).reject { |run| (passed.map(&:combination) + failed).include?(run.combination) }
    document.sub(TABLE) { "#{HEAD}#{(known + passed).sort_by(&:key).map(&:to_row).join("\n")}\n" }
  end

  # @return [String] the line of README.md
  def self.line(document)
    rubies = parse(document).reject { |run| run.tests == TESTS.fetch("spec:rust") }.group_by(&:ruby)
    texts = rubies.map { |ruby, runs| "Ruby #{ruby} with PostgreSQL #{runs.map { |run| run.server[/\A\d+/] }.uniq.join(", ")}" }
    "| tested | Linux on x86-64, Rails 7.2: #{texts.join("; ")} ([record](docs/tested.md)) |"
  end

  # Rewrites both documents.
  def self.renew
    document = update(File.read(DOCUMENT), File.read(RECORD))
    File.write(DOCUMENT, document)
    File.write(README, File.read(README).sub(LINE) { line(document) })
  end
end
