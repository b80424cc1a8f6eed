# frozen_string_literal: true

# The demo itself, called by bin/demo once everything is set up. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "options"
require_relative "run"

Encoding.default_external = Encoding::UTF_8
$stdout.sync = true

def complain(error, status)
  warn "demo: #{error.message}"
  exit status
end

begin
  options = Demo::OptionsReader.new.read(ARGV)
  if options.help
    puts File.read(File.join(__dir__, "usage.txt"))
    exit
  end
  exit Demo::Run.new(options, Demo::Server.new(ENV.fetch("DATABASE_URL", "")), $stdout).perform
rescue Demo::OptionsReader::Invalid => e
  complain(e, 2)
rescue Demo::Server::Error, Demo::StatementCounter::Error, Demo::Worker::Failure, DummyDatabase::Error, PG::Error => e
  complain(e, 1)
rescue Interrupt
  exit 130
end
