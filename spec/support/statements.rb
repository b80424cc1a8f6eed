# frozen_string_literal: true

# What is asked of the database.
module Statements
  # @return [Array<String>] the statements that ActiveRecord sends in the block, on whatever thread
  def statements(&)
    sent = Queue.new
    note = ->(*, payload) { sent << payload[:sql] unless payload[:name] == "SCHEMA" || payload[:cached] }
    ActiveSupport::Notifications.subscribed(note, "sql.active_record", &)
    Array.new(sent.size) { sent.pop }
  end

  # @return [Integer]
  def count_queries(&)
    statements(&).size
  end
end
