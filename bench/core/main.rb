# frozen_string_literal: true

# The crate's own benches: main.rb SUBJECT [options]. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../demo/server"
require_relative "../options"
require_relative "active_record_reads"
require_relative "secondary_indexes"
require_relative "sections"

# Subjects that are measured in two databases: one as it is and one that differs in something.
BESIDE = %w[scale transitions].freeze

# Makes the second database what it is to be.
# @return [Array] what the section has to say of it
def prepare(subject, server, database, options)
  case subject
  when "scale" then [Bench::Program.finished(options)] # which the program itself enters
  when "models" then [Bench::ActiveRecordReads.new(server.url(database), options)] # which begin when the program has ended
  when "transitions" then Bench::SecondaryIndexes.drop(server, database, "tasker_workflow_step_transitions")
  else []
  end
end

subject = ARGV.shift
unless Bench::Sections::NAMES.include?(subject)
  abort "bench: expected a subject out of #{Bench::Sections::NAMES.join(", ")}, got #{subject.inspect}"
end

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
databases = ["tasker_core_bench_#{subject}"]
databases << "#{databases.first}_beside" if BESIDE.include?(subject)

server.with_fresh(databases) do
  extra = prepare(subject, server, databases.last, options)
  url, beside = databases.map { |name| server.url(name) }
  program = Bench::Program.run(subject, url, options, beside:)
  title, parts, plots = Bench::Sections.public_send(subject, program, *extra)
  parts << Bench::Machine.describe(server)
  text = Bench::Markdown.section(title, "rake bench:#{subject}", parts)
  puts text
  Bench::Document.new.write(subject, text, plots) unless options.tiny
end
