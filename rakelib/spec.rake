# frozen_string_literal: true

# Tests make and drop hundreds of databases, in a cluster that does not wait for the disk.
TEST_CLUSTER = { "TASKER_CORE_CLUSTER" => ENV.fetch("TASKER_CORE_CLUSTER", "tests") }.freeze

# Runs a command with DATABASE_URL naming a database of that name, which has the engine's tables.
def with_database(name, fresh: false)
  sh(TEST_CLUSTER, "bin/postgres", "start")
  url = IO.popen([TEST_CLUSTER, "bin/postgres", "url", name], &:read).chomp
  sh({ "DATABASE_URL" => url }, "spec/dummy/bin/prepare", *("--fresh" if fresh))
  yield({ "DATABASE_URL" => url })
end

# Runs a command with what the Rust tests read from the environment.
def with_rust_databases
  with_database("tasker_core_engine") do |engine|
    with_database("tasker_core_rust") do |environment|
      # Tests compare with the engine's functions and schema, which they read from here.
      yield environment.merge("TASKER_CORE_ENGINE_DATABASE_URL" => engine["DATABASE_URL"], "TASKER_CORE_SEED" => chosen_seed)
    end
  end
end

# One seed for all random worlds of a run, printed, so that a failure can be had again: programs that pass print nothing.
def chosen_seed
  ENV.fetch("TASKER_CORE_SEED") { Random.rand(1 << 63).to_s }.tap { |seed| puts "TASKER_CORE_SEED=#{seed}" }
end

namespace :spec do
  # Only the core: the extension is a library for Ruby to load, and no test program can be linked with it.
  desc "Run the Rust tests"
  task :rust do
    with_rust_databases do |environment|
      sh(environment, "cargo nextest run --package tasker-core --all-features")
      %w[guide queries configuration].each do |example|
        sh(environment, "cargo run --quiet --package tasker-core --all-features --example #{example}", out: File::NULL)
      end
    end
    # They commit what they make.
    with_database("tasker_core_examples") do |environment|
      %w[run_workflow watch worker].each do |example|
        sh(environment, "cargo run --quiet --package tasker-core --all-features --example #{example}", out: File::NULL)
      end
    end
  end

  desc "Kill one of eight processes each second, of Rails alone and of Rails and Rust, and cut connections at each statement"
  task :kills do
    with_database("tasker_core_test", fresh: true) do |environment|
      sizes = { "TASKER_CORE_KILLS" => "8,500,1,1000000", "TASKER_CORE_MIXED_KILLS" => "4,1000,1,1000000", "TASKER_CORE_CUTS" => "1",
                "TASKER_CORE_RESTART" => "4,25" }
      files = %w[kills mixed_kills crashes failover].map { |name| "spec/recovery/#{name}_spec.rb" }
      sh(environment.merge(sizes, "RAILS_ENV" => "test"), "bundle exec rspec #{files.join(" ")}")
    end
  end

  desc "Run the examples in the documentation of the Rust code"
  task :doc do
    with_rust_databases { |environment| sh(environment, "cargo test --doc --package tasker-core --all-features") }
  end
end

desc "Run all tests"
task spec: %w[spec:rust spec:doc spec:ruby spec:gc spec:pool]
