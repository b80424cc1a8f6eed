# frozen_string_literal: true

# The crate's own benches: main.rb SUBJECT [options]. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../demo/server"
require_relative "../options"
require_relative "sections"

# Subjects that are measured in two databases: one as it is and one that differs in something.
BESIDE = %w[scale].freeze

subject = ARGV.shift
unless Bench::Sections::NAMES.include?(subject)
  abort "bench: expected a subject out of #{Bench::Sections::NAMES.join(", ")}, got #{subject.inspect}"
end

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
databases = ["tasker_core_bench_#{subject}"]
databases << "#{databases.first}_beside" if BESIDE.include?(subject)

server.with_fresh(databases) do
  url, beside = databases.map { |name| server.url(name) }
  program = Bench::Program.run(subject, url, options, beside:)
  extra = subject == "scale" ? [Bench::Program.finished(options)] : []
  title, parts, plots = Bench::Sections.public_send(subject, program, *extra)
  parts << Bench::Machine.describe(server)
  text = Bench::Markdown.section(title, "rake bench:#{subject}", parts)
  puts text
  Bench::Document.new.write(subject, text, plots) unless options.tiny
end
