# frozen_string_literal: true

# What the engine's duplicate indexes cost: the crate's benches with them and without, in turn. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../lib/tasker_core/duplicate_indexes"
require_relative "../demo/server"
require_relative "../options"
require_relative "indexes"

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
text, plots = Bench::Indexes.new(server, options).perform
puts text
Bench::Document.new.write("indexes", text, plots) unless options.tiny
