# frozen_string_literal: true

# Workflows with the gem beside plain Active Job jobs on Solid Queue and GoodJob, in one run. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "comparison"

options = Bench::Options.read(ARGV)
application = Bench::Application.new(Demo::Server.new(ENV.fetch("DATABASE_URL", "")))
text, plots = Bench::Queues::Comparison.new(application, options).perform
puts text
Bench::Document.new.write("queues", text, plots) unless options.tiny
