# frozen_string_literal: true

# A worker in a process of its own that pauses at a given statement. Workers in one process would share its caches.
class PausableProcess
  # @param work [Proc] the work of each {#begin}
  def initialize(&work)
    @results, @words = IO.pipe
    @commands, @orders = IO.pipe
    @pid = fork { serve(work) }
    [@words, @commands].each(&:close)
  end

  # @return [Integer, nil] the number of statements of the work; nil while it is not done
  attr_reader :statements

  # Begins the work; returns when it pauses or is done.
  # @param given [Integer] for the work
  # @param pause [Integer, nil] the statement after which it pauses, or the first one after it without an open transaction
  def begin(given, pause = nil)
    order("#{given} #{pause}")
  end

  # Continues after a pause; does nothing once the work is done.
  def continue
    order("continue") unless @statements
  end

  def stop
    [@orders, @results].each(&:close)
    Process.wait(@pid)
  end

  private

  # @raise [RuntimeError] if the work has failed
  def order(words)
    @orders.puts(words)
    word = @results.gets.to_s.chomp
    raise "work of the process: #{word}" unless word.match?(/\A\d*\z/)

    @statements = word.to_i.nonzero?
  end

  def serve(work)
    [@results, @orders].each(&:close)
    # The forked thread may have caches of the other worker.
    Thread.new do
      while (order = @commands.gets)
        given, pause = order.split.map(&:to_i)
        @words.puts(work_through(pause) { work.call(given) })
      end
    end.join
  ensure
    exit!(0)
  end

  # @return [Integer, String] how many statements there were, or what was raised
  def work_through(pause, &)
    count = 0
    note = lambda do |*, payload|
      count += 1 unless payload[:name] == "SCHEMA"
      pause = rest if due?(pause, count)
    end
    outcome = Outcome.of { ActiveSupport::Notifications.subscribed(note, "sql.active_record", &) }
    outcome.error ? outcome.error.inspect.tr("\n", " ") : count
  end

  # The other worker would wait for an open transaction.
  def due?(pause, count)
    pause && count >= pause && !Tasker::ApplicationRecord.connection.transaction_open?
  end

  def rest
    @words.puts
    @commands.gets
    nil
  end
end
