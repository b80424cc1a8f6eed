# frozen_string_literal: true

# A small question through the core in Python, Node, WebAssembly and Ruby. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../demo/server"
require_relative "../options"
require_relative "hosts"

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
text, plots = Bench::Hosts.new(server, options).perform
puts text
Bench::Document.new.write("hosts", text, plots) unless options.tiny
