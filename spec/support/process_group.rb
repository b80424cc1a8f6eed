# frozen_string_literal: true

require "json"

# Forked processes that do the same work at the same moment, again and again: each call begins when all are ready, and ends when all are
# done.
class ProcessGroup
  # @param size [Integer] how many
  # @yieldparam order [Object] a value of JSON
  # @yieldreturn [Object] a value of JSON
  def initialize(size, &work)
    @work = work
    @members = []
    size.times { @members << fork_member }
  end

  # Has all of them do their work, each time beginning with another one.
  #
  # @param order [Object] for the work
  # @return [Array<Object>] what each of them has returned
  # @raise [RuntimeError] if it was an error
  def call(order)
    @members.rotate!
    @members.each { |member| member[:orders].puts(JSON.generate([order])) }
    @members.map { |member| result_of(member) }
  end

  def stop
    @members.each do |member|
      member.values_at(:orders, :results).each(&:close)
      Process.wait(member[:pid])
    end
  end

  private

  def fork_member
    commands, orders = IO.pipe
    results, output = IO.pipe
    pid = fork do
      # Copies of the other members' pipes would keep them open.
      [orders, results, *@members.flat_map(&:values)].grep(IO).each(&:close)
      serve(commands, output)
    ensure
      exit!(0)
    end
    [commands, output].each(&:close)
    { pid:, orders:, results: }.tap { results.gets }
  end

  def serve(commands, output)
    Tasker::ApplicationRecord.connection.select_value("SELECT 1")
    output.puts
    while (order = commands.gets)
      outcome = Outcome.of { @work.call(*JSON.parse(order)) }
      output.puts(JSON.generate([outcome.error&.inspect, outcome.value]))
    end
  end

  def result_of(member)
    error, value = JSON.parse(member[:results].gets || raise("process #{member[:pid]} has ended"))
    error ? raise("process #{member[:pid]}: #{error}") : value
  end
end
