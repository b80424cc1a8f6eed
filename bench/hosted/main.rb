# frozen_string_literal: true

# Readiness as a Rails application asks for it. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "hosted"

options = Bench::Options.read(ARGV)
application = Bench::Application.new(Demo::Server.new(ENV.fetch("DATABASE_URL", "")))
text, plots = Bench::Hosted.new(application, options).perform
puts text
Bench::Document.new.write("hosted", text, plots) unless options.tiny
