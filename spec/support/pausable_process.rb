# frozen_string_literal: true

# A worker in a process of its own, who pauses where a spec wants it. Workers in one process would hear of each other.
class Colleague
  # @param work [Proc] what he does each time he is asked to
  def initialize(&work)
    @told, @words = IO.pipe
    @commands, @orders = IO.pipe
    @pid = fork { serve(work) }
    [@words, @commands].each(&:close)
  end

  # @return [Integer, nil] how many statements his work has taken; nil while there is more to do
  attr_reader :statements

  # Has him begin; returns when he pauses, or is done.
  # @param given [Integer] for his work
  # @param pause [Integer, nil] the statement after which he pauses, or the first one after it that leaves no transaction open
  def begin(given, pause = nil)
    order("#{given} #{pause}")
  end

  # Has him go on after his pause; does nothing once he is done.
  def go_on
    order("go on") unless @statements
  end

  def leave
    [@orders, @told].each(&:close)
    Process.wait(@pid)
  end

  private

  # @raise [RuntimeError] if his work has failed
  def order(words)
    @orders.puts(words)
    word = @told.gets.to_s.chomp
    raise "the colleague's work: #{word}" unless word.match?(/\A\d*\z/)

    @statements = word.to_i.nonzero?
  end

  def serve(work)
    [@told, @orders].each(&:close)
    # On the thread that was forked, something may be known of what the other worker does.
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

  # Whoever goes on meanwhile would wait for an open transaction.
  def due?(pause, count)
    pause && count >= pause && !Tasker::ApplicationRecord.connection.transaction_open?
  end

  def rest
    @words.puts
    @commands.gets
    nil
  end
end
