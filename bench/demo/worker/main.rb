# frozen_string_literal: true

# The process behind Demo::Worker: arguments are the number of the socket's file and the name of the log.

require "json"
require "socket"
require_relative "application"
require_relative "commands"

socket = UNIXSocket.for_fd(Integer(ARGV.fetch(0)))
socket.sync = true
log = ARGV.fetch(1)

begin
  commands = Demo::Commands.new(Demo::Application.boot(log))
rescue StandardError, LoadError => e
  boot_error = e
end

while (line = socket.gets)
  name, arguments = JSON.parse(line)
  begin
    raise boot_error if boot_error

    answer = { value: commands.perform(name, arguments.transform_keys(&:to_sym)) }
  rescue StandardError, LoadError => e
    warn e.full_message(highlight: false)
    answer = { error: "#{e.class}: #{e.message}" }
  end
  socket.puts(JSON.generate(answer))
end
