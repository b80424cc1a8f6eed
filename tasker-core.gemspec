# frozen_string_literal: true

require_relative "lib/tasker_core/version"

Gem::Specification.new do |spec|
  spec.name = "tasker-core"
  spec.version = TaskerCore::VERSION
  spec.authors = ["The tasker-core authors"]
  spec.summary = "A Rust core for applications that run their workflows on tasker-engine"
  spec.description = "Answers the dependency resolution and the state transitions of tasker-engine in Rust, " \
                     "over the same PostgreSQL schema and inside the application's own transactions."
  spec.license = "MIT"

  spec.required_ruby_version = ">= 3.2"
  # The extension is compiled with `--locked`: Cargo.lock is part of the gem.
  spec.files = Dir.chdir(__dir__) do
    Dir["Cargo.{toml,lock}", "build.rs", "{README,CHANGELOG}.md", "LICENSE", "docs/**/*.{md,svg}",
        "src/**/*.{rs,sql}", "ext/tasker_core/*.{rs,rb,toml}", "ext/tasker_core/src/**/*.rs",
        "lib/**/*.{rb,rake,tt,erb,css,js,svg}", "migrations/**/*.sql", "sig/**/*.rbs"]
  end
  spec.require_paths = ["lib"]
  spec.extensions = ["ext/tasker_core/extconf.rb"]

  spec.metadata = {
    "rubygems_mfa_required" => "true"
  }

  spec.add_dependency "ruby-progressbar", "~> 1.13"
  # Methods of the engine are replaced, private ones among them: the suite has to have run with a version before an application does.
  spec.add_dependency "tasker-engine", "0.1.0"
end
