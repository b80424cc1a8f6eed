# frozen_string_literal: true

# Sessions of the database.
module Sessions
  # Closes all connections of a pool, also those of threads that are idle but alive, such as the engine's own. For them the pool waits
  # as long as for a checkout before it closes them.
  #
  # @param pool [ActiveRecord::ConnectionAdapters::ConnectionPool]
  def end_sessions(pool)
    usual = pool.checkout_timeout
    pool.checkout_timeout = 0.01
    pool.disconnect!
  ensure
    pool.checkout_timeout = usual
  end
end
