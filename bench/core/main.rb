# frozen_string_literal: true

# The crate's own benches: main.rb SUBJECT [options]. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../demo/server"
require_relative "../options"
require_relative "sections"

subject = ARGV.shift
unless Bench::Sections::NAMES.include?(subject)
  abort "bench: expected a subject out of #{Bench::Sections::NAMES.join(", ")}, got #{subject.inspect}"
end

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
name = "tasker_core_bench_#{subject}"

server.with_fresh([name]) do
  program = Bench::Program.run(subject, server.url(name), options)
  extra = subject == "scale" ? [options.pick(options.finished, 20)] : []
  title, parts, plots = Bench::Sections.public_send(subject, program, *extra)
  parts << Bench::Machine.describe(server)
  text = Bench::Markdown.section(title, "rake bench:#{subject}", parts)
  puts text
  Bench::Document.new.write(subject, text, plots) unless options.tiny
end
