# frozen_string_literal: true

require "io/wait"
require "json"

# Processes forked from the one that runs the specs: with everything loaded, and connections of their own.
module Forks
  # Runs the block in that many processes at the same moment.
  #
  # @yieldparam index [Integer] which one, from zero
  # @yieldreturn [Object] what JSON knows
  # @return [Array<Object>] what each of them has returned
  # @raise [RuntimeError] if it was an error
  def in_processes(count, &block)
    gate, opener = IO.pipe
    children = Array.new(count) { |index| forked(gate, opener, index, &block) }
    gate.close
    children.map(&:last).each(&:gets)
    opener.close
    children.map { |pid, reader| result_of(pid, reader) }
  end

  # Runs the block in a child process and gives what it returns, or its error.
  #
  # @param patience [Numeric, nil] seconds for it; a child that hangs in native code cannot raise a timeout of its own
  # @raise [RuntimeError] if it takes longer
  def in_a_child(patience: nil, &block)
    reader, writer = IO.pipe
    pid = fork do
      outcome = Outcome.of(&block)
      writer.write(JSON.generate([outcome.error ? outcome.error.inspect : outcome.value]))
      writer.close
      exit!(0)
    end
    writer.close
    reader.wait_readable(patience) || Process.kill(:KILL, pid)
    JSON.parse(reader.read.presence || raise("process #{pid} hangs: expected an answer within #{patience} s")).first
  ensure
    Process.wait(pid)
    reader.close
  end

  private

  # @return [Array(Integer, IO)] the process, and where it says that it is there and what has become of it
  def forked(gate, opener, index)
    reader, writer = IO.pipe
    pid = fork do
      opener.close
      Tasker::ApplicationRecord.connection.select_value("SELECT 1")
      writer.puts
      gate.read
      outcome = Outcome.of { yield index }
      writer.write(JSON.generate([outcome.error&.inspect, outcome.value]))
      writer.close
      exit!(0)
    end
    writer.close
    [pid, reader]
  end

  def result_of(pid, reader)
    error, value = JSON.parse(reader.read)
    Process.wait(pid)
    error ? raise("process #{pid}: #{error}") : value
  ensure
    reader.close
  end
end
