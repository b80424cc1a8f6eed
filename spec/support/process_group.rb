# frozen_string_literal: true

require "json"

# Processes forked from this one that do the same at the same moment, again and again: nobody begins before all are there, and nobody goes
# on before all are done.
class Crew
  # @param size [Integer] how many
  # @yieldparam order [Object] what JSON knows
  # @yieldreturn [Object] what JSON knows
  def initialize(size, &work)
    @work = work
    @members = []
    size.times { @members << hire }
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

  def dismiss
    @members.each do |member|
      member.values_at(:orders, :results).each(&:close)
      Process.wait(member[:pid])
    end
  end

  private

  def hire
    commands, orders = IO.pipe
    results, told = IO.pipe
    pid = fork do
      # The other members are here as copies, which would keep them waiting.
      [orders, results, *@members.flat_map(&:values)].grep(IO).each(&:close)
      serve(commands, told)
    ensure
      exit!(0)
    end
    [commands, told].each(&:close)
    { pid:, orders:, results: }.tap { results.gets }
  end

  def serve(commands, told)
    Tasker::ApplicationRecord.connection.select_value("SELECT 1")
    told.puts
    while (order = commands.gets)
      outcome = Outcome.of { @work.call(*JSON.parse(order)) }
      told.puts(JSON.generate([outcome.error&.inspect, outcome.value]))
    end
  end

  def result_of(member)
    error, value = JSON.parse(member[:results].gets || raise("process #{member[:pid]} has ended"))
    error ? raise("process #{member[:pid]}: #{error}") : value
  end
end
