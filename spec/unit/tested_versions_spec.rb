# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "../../rakelib/support/tested_versions"

RSpec.describe TestedVersions do
  document = File.read(described_class::DOCUMENT)

  def record(*lines) = lines.map { |line| "#{line.join("\t")}\n" }.join

  it "names in README.md exactly the combinations of docs/tested.md" do
    expect(File.read(described_class::README)[described_class::LINE]).to eq(described_class.line(document))
  end

  it "adds what has passed, the last run of a combination alone" do
    text = record(["Ruby 3.4, PostgreSQL 18.4", "spec:matrix", "failed", "2026-01-01", ""],
                  ["Ruby 3.4, PostgreSQL 18.4", "spec:matrix", "passed", "2026-01-02", "7"],
                  ["Ruby 3.3, PostgreSQL 9.6", "spec:rust", "passed", "2026-01-03", ""])
    added = described_class.parse(described_class.update(document, text)) - described_class.parse(document)
    expect(added.map(&:to_row)).to include("| 3.3 | 9.6 | the crate | – | 2026-01-03 |",
                                           "| 3.4 | 18.4 | comparison with the engine, PgBouncer | 7 | 2026-01-02 |")
  end

  it "leaves out a combination whose last run has failed" do
    good = described_class.update(document, record(["Ruby 3.4, PostgreSQL 18.4", "spec:matrix", "passed", "2026-01-02", "7"]))
    expect(described_class.line(good)).to match(/Ruby 3.4 with PostgreSQL (\d+, )*18/)
    bad = described_class.update(good, record(["Ruby 3.4, PostgreSQL 18.4", "spec:matrix", "failed", "2026-01-03", "7"]))
    expect(described_class.line(bad)).not_to match(/Ruby 3.4 with PostgreSQL (\d+, )*18/)
  end
end
