# frozen_string_literal: true

# Threads that are interrupted where a spec wants it.
module Interruptions
  # Seconds for what takes milliseconds.
  PATIENCE = 60

  # Calls a block on one thread's statements, when they begin or when they have ended.
  class Moment
    # @param moment [:before, :after]
    def initialize(moment, &block)
      @moment = moment
      @thread = Thread.current
      @block = block
    end

    def start(*) = come(:before)

    def finish(*) = come(:after)

    private

    def come(moment)
      @block.call if moment == @moment && @thread.equal?(Thread.current)
    end
  end

  # Runs the block at a moment of each of this thread's statements.
  def at_statements(moment, work, &)
    ActiveSupport::Notifications.subscribed(Moment.new(moment, &), "sql.active_record", &work)
  end

  # Runs the block on a thread with a connection of its own.
  # @return [Array(Thread, Integer)] and the server's process
  def on_a_thread
    ready = Queue.new
    thread = Thread.new do
      Tasker::ApplicationRecord.connection_pool.with_connection do |connection|
        ready << connection.select_value("SELECT pg_backend_pid()")
        yield connection
      end
    end
    [thread, ready.pop]
  end

  # Runs the block while another session holds a lock.
  # @yieldparam other [ActiveRecord::ConnectionAdapters::AbstractAdapter] its connection
  def while_locked(lock)
    pool = Tasker::ApplicationRecord.connection_pool
    other = pool.checkout
    other.execute("BEGIN")
    other.execute(lock)
    yield other
  ensure
    other.execute("ROLLBACK")
    pool.checkin(other)
  end

  # Kills the thread that runs the block, once it waits for the lock.
  def kill_when_blocked(lock, &)
    while_locked(lock) do |other|
      thread, pid = on_a_thread(&)
      until_true { waiting?(other, pid) || !thread.alive? }
      expect(thread).to be_alive
      thread.kill
      expect(thread.join(PATIENCE)).to eq(thread)
      expect(waiting?(other, pid)).to be(false), "the statement of the killed thread goes on"
    end
  end

  # Kills the thread that runs the block at one of its statements.
  #
  # @param statement [Integer] which one, from zero
  # @param moment [:before, :after] the server has run it
  # @return [Integer] how many statements there were until then
  def kill_at(statement, moment, &work)
    seen = 0
    thread, = on_a_thread do |connection|
      at_statements(moment, work) { Thread.current.kill if (seen += 1) > statement }
    ensure
      # ActiveRecord may be killed when it has begun a transaction and does not know it yet.
      connection.throw_away!
    end
    expect(thread.join(PATIENCE)).to eq(thread)
    seen
  end

  # Runs the block with something new each time, killed at its first statement, then at its second, and so on until it is not killed.
  #
  # @param moment [:before, :after] the server has run it
  # @param make [Proc]
  # @return [Array] what was made
  def killed_at_each_statement(moment, make)
    (0..).each_with_object([]) do |statement, made|
      made << make.call
      return made if kill_at(statement, moment) { yield made.last } <= statement
    end
  end

  # Waits for other threads or sessions.
  def until_true
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + PATIENCE
    until yield
      raise "expected it within #{PATIENCE} s" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      Thread.pass
    end
  end

  private

  # @return [Boolean] whether a session waits for a lock
  def waiting?(other, pid)
    other.uncached { other.select_value("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = #{pid})") }
  end
end
