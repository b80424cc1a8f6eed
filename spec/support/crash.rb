# frozen_string_literal: true

# A subscriber to the statements of a process, of all of its connections and threads, that strikes before or after one of them.
class Crash
  # Everything that a process sends, beside what Rails reads of the schema.
  def self.count(&)
    counter = new(nil, nil)
    ActiveSupport::Notifications.subscribed(counter, "sql.active_record", &)
    counter.count
  end

  attr_reader :count

  # @param number [Integer, nil] of the statement, from one
  # @param phase [:before, :after, nil]
  # @yield where it strikes
  def initialize(number, phase, &strike)
    @number = number
    @phase = phase
    @strike = strike
    @count = 0
    @mutex = Mutex.new
  end

  def start(_name, _id, payload)
    return if payload[:name] == "SCHEMA"

    number = @mutex.synchronize { @count += 1 }
    payload[:tasker_core_number] = number
    @strike.call if @phase == :before && number == @number
  end

  def finish(_name, _id, payload)
    @strike.call if @phase == :after && payload[:tasker_core_number] == @number
  end
end
