# frozen_string_literal: true

# A Rails process that runs plain jobs on one of the queues: `solid` or `good`. DATABASE_URL names its database. It reads names of shapes
# from standard input, a line each, and answers with seconds.

require_relative "../../spec/dummy/config/application"

name = ARGV.fetch(0)
require({ "solid" => "solid_queue", "good" => "good_job" }.fetch(name)) # before the application is initialised
Rails.application.config.paths.add("log", with: ARGV.fetch(1))
Rails.application.initialize!
require_relative name

queue = Bench::Queues.const_get(name.capitalize).new
queue.set_up
$stdout.sync = true
puts "ready #{RubyVM::YJIT.enabled?}"
while (line = $stdin.gets)
  puts queue.run(line.chomp)
end
queue.tear_down
