# frozen_string_literal: true

# For example groups tagged `:transactional`: each example runs as Rails runs the tests of applications, on one connection for all
# threads, in a transaction that nothing can join and that is rolled back at the end. The server's clock stands still in it.
module TransactionalTests
  def self.included(group)
    group.use_transactional_tests = true
  end
end
