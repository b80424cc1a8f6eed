# frozen_string_literal: true

# Options go after the task's name in brackets or by the variable TINY=1: rake "bench:core[--rounds 3]"
namespace :bench do
  program = lambda do |file, *arguments, environment: {}|
    sh "bin/postgres start"
    url = `bin/postgres url postgres`.chomp
    sh(environment.merge("DATABASE_URL" => url), RbConfig.ruby, "bench/#{file}/main.rb", *arguments.flat_map { |argument| argument.to_s.split })
  end

  desc "Workflows in a Rails application, the gem off and on"
  task(:app, [:options]) { |_task, given| program.call("app", given[:options]) }

  desc "Workflows with the gem beside plain jobs on Solid Queue and GoodJob"
  task(:queues, [:options]) do |_task, given|
    # The variables by which `bundle exec` hands on this project's own bundle would win otherwise.
    bundle = { "BUNDLE_GEMFILE" => File.expand_path("bench/queues/Gemfile"), "RUBYOPT" => nil, "BUNDLER_SETUP" => nil }
    sh bundle, "bundle check > /dev/null || bundle install --quiet"
    program.call("queues", given[:options], environment: bundle)
  end

  {
    readiness: "What may run next: the engine's SQL function beside the core",
    transitions: "Transitions of the core, one by one and in batches",
    creation: "Creating tasks of many sizes through the core",
    core: "Claiming and completing steps without Ruby, against durable inserts",
    scale: "Cost a step in tasks of 10 to 10,000 steps and beside a million finished tasks ([--finished N])"
  }.each do |subject, text|
    desc text
    task(subject, [:options]) { |_task, given| program.call("core", subject, given[:options]) }
  end
end
