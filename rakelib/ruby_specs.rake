# frozen_string_literal: true

require "fileutils"
require_relative "second_attempt"

# RSpec in several processes, each with a database of its own. parallel_tests distributes the files by the seconds that each took before.
module RubySpecs
  extend Rake::DSL

  # parallel_tests reads the seconds of each file here; `rake spec:runtimes` renews them.
  RUNTIMES = "spec/runtimes.log"
  # The last run of `rake spec:ruby` leaves its own here.
  RECORDED = "tmp/runtimes.log"
  PROCESSES = Integer(ENV.fetch("TASKER_CORE_SPEC_PROCESSES", 2))
  # What failed once and passed alone, for the end of the run (`.ci/run` prints it).
  SECOND_ATTEMPTS = "tmp/second_attempts.txt"
  # Seconds that a file may take to be part of a quick run.
  QUICK = 10
  # Specs of an extension with the pool, and those in a browser, run for themselves (`rake spec:pool`, `bin/test --browser`).
  FILES = FileList["spec/**/*_spec.rb"].exclude("spec/pool/**/*", "spec/browser/**/*")

  module_function

  # Prepares the databases; the first process uses the one that is named like it, process 2 and so on append their number.
  # @yieldparam environment [Hash]
  def with_databases(&)
    (2..PROCESSES).each { |number| with_database("tasker_core_test#{number}", fresh: true) { nil } }
    with_database("tasker_core_test", fresh: true, &)
  end

  # @return [Hash{String => Float}] seconds by file
  def runtimes = File.readlines(RUNTIMES, chomp: true).to_h { |line| line.split(":").then { |file, seconds| [file, seconds.to_f] } }

  # @return [Array<String>] the files that are quick, and those without a recorded time
  def quick = runtimes.then { |seconds| FILES.reject { |file| seconds.fetch(file, 0) > QUICK } }

  # A process' output is printed as a whole when the process ends, so that the failures of one are not mixed with the progress of the other.
  def run(files)
    seed = ENV.fetch("SEED") { Random.rand(0xFFFF).to_s }
    puts "#{files.size} files in #{PROCESSES} processes, SEED=#{seed}"
    with_databases do |environment|
      environment = environment.merge("RAILS_ENV" => "test", "PARALLEL_TEST_HEARTBEAT_INTERVAL" => "10")
      FileUtils.rm_f([SECOND_ATTEMPTS, *reports])
      sh(environment, *command(files, seed), verbose: false) do |passed|
        passed || (SecondAttempt.wanted? && try_again(environment)) || abort(<<~TEXT)
          RSpec has failed. One example again: `bin/test spec/FILE_spec.rb:LINE`; all of them in the same order: `SEED=#{seed} rake spec:ruby`.
          The examples of each process, the last one last: tmp/rspec*.log
        TEXT
      end
    end
  end

  # @return [Boolean] whether the examples that failed have passed, each alone and in a process of its own
  def try_again(environment)
    text = SecondAttempt.read(reports, PROCESSES).make do |failure|
      sh(environment, "bundle", "exec", "rspec", failure.id) { |passed| passed }
    end
    puts text
    File.write(SECOND_ATTEMPTS, text)
    true
  rescue RuntimeError => e
    warn e.message
    false
  end

  # @return [Array<String>] what the JSON formatter has written
  def reports = Dir["tmp/rspec*.json"]

  def command(files, seed)
    ["bundle", "exec", "parallel_rspec", "-n", PROCESSES.to_s, "--serialize-stdout", "--combine-stderr", "--quiet",
     "--group-by", "runtime", "--runtime-log", RUNTIMES, "--allowed-missing", "100",
     "--", "--seed", seed, "--format", "progress", "--format", "documentation", "--out", "tmp/rspec$TEST_ENV_NUMBER.log",
     "--format", "json", "--out", "tmp/rspec$TEST_ENV_NUMBER.json",
     "--format", "ParallelTests::RSpec::RuntimeLogger", "--out", RECORDED, "--", *files]
  end
end

namespace :spec do
  desc "Run the specs (SEED=N for the order of an earlier run)"
  task(:ruby) { RubySpecs.run(RubySpecs::FILES) }

  desc "Run the specs of files that take seconds, for work in between"
  task(:quick) { RubySpecs.run(RubySpecs.quick) }

  desc "Run the specs that compare with the engine, also behind PgBouncer, for other versions of Ruby and PostgreSQL"
  task(:matrix) { RubySpecs.run(RubySpecs::FILES.grep(%r{\Aspec/(parity|frames|fixes)/|/pgbouncer_spec})) }

  desc "Run chosen specs: rake \"spec:files[spec/unit spec/parity/jobs_spec.rb:12]\""
  task :files, [:arguments] do |_task, given|
    # Not the database of the whole run, which may go on meanwhile and began by dropping it.
    with_database("tasker_core_chosen") do |environment|
      sh(environment.merge("RAILS_ENV" => "test"), "bundle", "exec", "rspec", *given.to_a.join(",").split)
    end
  end

  desc "Take over the seconds that the last run of spec:ruby has recorded"
  task :runtimes do
    # Messages of specs stand between the lines.
    lines = File.readlines(RubySpecs::RECORDED, chomp: true).grep(/\A\S+:[\d.]+\z/).map { |line| line.split(":") }
    missing = RubySpecs::FILES - lines.map(&:first)
    abort "#{RubySpecs::RECORDED} is not of a whole run: expected every file, got none of #{missing.join(", ")}" if missing.any?

    File.write(RubySpecs::RUNTIMES, lines.sort.map { |file, seconds| format("%s:%.1f\n", file, seconds) }.join)
  end

  desc "Run the specs of the extension with a collection of garbage at each allocation"
  task :gc do
    with_database("tasker_core_gc", fresh: true) do |environment|
      files = %w[spec/unit spec/safety/panics_spec.rb spec/safety/panics_of_overrides_spec.rb]
      sh(environment.merge("RAILS_ENV" => "test", "GC_STRESS" => "5000"), "bundle exec rspec #{files.join(" ")}")
    end
  end

  desc "Run the specs of the dashboard in a browser, which `bin/test --browser` installs"
  task :browser do
    with_database("tasker_core_browser", fresh: true) do |environment|
      sh(environment.merge("RAILS_ENV" => "test"), "bundle exec rspec --exclude-pattern '' spec/browser")
    end
  end

  # In the place of the extension that users get.
  desc "Run the specs of the pool for bulk reads"
  task pool: "compile:pool" do
    with_database("tasker_core_pool", fresh: true) do |environment|
      sh(environment.merge("RAILS_ENV" => "test"), "bundle exec rspec -I tmp/pool/lib --exclude-pattern '' spec/pool")
    end
  end
end
