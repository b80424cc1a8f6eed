# frozen_string_literal: true

namespace :lint do
  desc "Check the format of the Rust code"
  task(:rustfmt) { sh "cargo fmt --all --check" }

  desc "Run clippy on all Rust code, tests included"
  task(:clippy) { sh "cargo clippy --workspace --all-targets --all-features -- --deny warnings" }

  desc "Run RuboCop"
  task(:ruby) { sh "bundle exec rubocop" }
end

desc "Run all linters"
task lint: %w[lint:rustfmt lint:clippy lint:ruby]
