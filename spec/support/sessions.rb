# frozen_string_literal: true

# Sessions of the database. A pool that closes its connections waits for those of threads that are alive, twice as long as for a checkout;
# the engine's threads are idle and keep theirs.
module Sessions
  module_function

  # Closes all connections of a pool.
  # @param pool [ActiveRecord::ConnectionAdapters::ConnectionPool]
  def end_sessions(pool) = without_waiting_for_idle_threads(pool) { pool.disconnect! }

  # @param pool [ActiveRecord::ConnectionAdapters::ConnectionPool]
  # @yield what closes its connections
  def without_waiting_for_idle_threads(pool)
    usual = pool.checkout_timeout
    pool.checkout_timeout = 0.01
    yield
  ensure
    pool.checkout_timeout = usual
  end
end
