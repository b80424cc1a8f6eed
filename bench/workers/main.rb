# frozen_string_literal: true

# Several worker processes over the same tables. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "workers"

options = Bench::Options.read(ARGV)
application = Bench::Application.new(Demo::Server.new(ENV.fetch("DATABASE_URL", "")))
text, plots = Bench::Workers.new(application, options).perform
puts text
Bench::Document.new.write("workers", text, plots) unless options.tiny
