# frozen_string_literal: true

# Each writes its section of docs/benchmarks.md. Options go into brackets after the task's name: rake "bench:core[--rounds 3]". With TINY=1
# in the environment everything is done once, as little as possible of it, and nothing is written.
namespace :bench do
  # Rake takes a comma within the brackets for the end of an argument.
  run = lambda do |given, file, *subject, environment: {}|
    sh "bin/postgres start"
    variables = environment.merge("DATABASE_URL" => `bin/postgres url postgres`.chomp)
    sh(variables, RbConfig.ruby, "bench/#{file}/main.rb", *subject.map(&:to_s), *given.to_a.join(",").split)
  end

  desc "Workflows in a Rails application, the gem off and on ([--shapes NAME,NAME])"
  task(:app, [:options]) { |_task, given| run.call(given, "app") }

  desc "Where the time of a workflow goes, and what is at work with the gem on ([--shapes NAME,NAME])"
  task(:profile, [:options]) { |_task, given| run.call(given, "profile") }

  desc "Workflows with the gem beside plain jobs on Solid Queue and GoodJob"
  task(:queues, [:options]) do |_task, given|
    # The variables by which `bundle exec` hands on this project's own bundle would win otherwise.
    bundle = { "BUNDLE_GEMFILE" => File.expand_path("bench/queues/Gemfile"), "RUBYOPT" => nil, "BUNDLER_SETUP" => nil }
    sh bundle, "bundle check > /dev/null || bundle install --quiet"
    run.call(given, "queues", environment: bundle)
  end

  desc "1, 2, 4 and 8 processes that run tasks out of one database"
  task(:workers, [:options]) { |_task, given| run.call(given, "workers") }

  desc "What may run next: the engine's SQL function beside the core, through sqlx and inside the application"
  task(:readiness, [:options]) do |_task, given|
    run.call(given, "core", "readiness")
    run.call(given, "hosted")
  end

  desc "Cost a step by the size of the task ([--sizes N,N]) and beside a million finished tasks ([--finished N])"
  task(:scale, [:options]) do |_task, given|
    run.call(given, "scale")
    run.call(given, "core", "scale")
  end

  desc "Pages of the dashboard beside a million finished tasks ([--finished N])"
  task(:dashboard, [:options]) { |_task, given| run.call(given, "dashboard") }

  {
    transitions: "Transitions of the core, one by one and in batches",
    creation: "Creating tasks of many sizes through the core",
    core: "Claiming and completing steps without Ruby, against durable inserts",
    run: "Whole workflows in one Rust process, beside durable inserts",
    factories: "Workflows by the crate's factories, beside the same rows inserted on the server",
    models: "Queries of the crate beside the same statements through sqlx alone, and beside ActiveRecord"
  }.each do |subject, text|
    desc text
    task(subject, [:options]) { |_task, given| run.call(given, "core", subject) }
  end

  desc "The pure rules of the crate alone, by criterion; a word in brackets chooses some. It writes nothing but target/criterion"
  task(:rules, [:options]) do |_task, given|
    chosen = given[:options].to_s.split
    # Tried once they need no optimisation, and the build of the tests will do.
    tiny = ENV["TINY"] == "1"
    sh "cargo", "bench", "--bench", "rules", *(tiny ? %w[--profile dev] : []), "--", *(tiny ? %w[--test] : []), *chosen
  end

  desc "A small question through the core in Python, Node, WebAssembly and Ruby, beside the bare driver"
  task(:hosts, [:options]) do |_task, given|
    sh "bin/support/python"
    sh "bin/support/node"
    run.call(given, "hosts")
  end

  desc "Workers in Rust, beside durable inserts and graphile_worker; not among `rake bench`, since it builds that"
  task(:worker, [:options]) { |_task, given| run.call(given, "worker") }

  desc "What the engine's duplicate indexes cost"
  task(:indexes, [:options]) { |_task, given| run.call(given, "indexes") }
end

# bench:hosts installs Python's and Node's packages, and is run by itself.
BENCHES = %w[app profile queues workers readiness transitions creation core run scale dashboard factories models indexes rules].freeze

desc "Run every bench"
task bench: BENCHES.map { |name| "bench:#{name}" }
