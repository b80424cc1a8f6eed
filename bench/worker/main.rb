# frozen_string_literal: true

# Workers in Rust beside durable inserts and beside another queue: main.rb [options]. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../demo/server"
require_relative "../options"
require_relative "section"

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
database = "tasker_core_bench_worker"

server.with_fresh([database]) do
  program = Bench::WorkerSection.run(server.url(database), options)
  parts = Bench::WorkerSection.parts(program) << Bench::Machine.describe(server)
  text = Bench::Markdown.section("Workers in Rust", "rake bench:worker", parts)
  puts text
  Bench::Document.new.write("worker", text) unless options.tiny
end
