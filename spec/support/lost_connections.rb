# frozen_string_literal: true

# Breaks the connection once, after the server has answered a statement and before the driver hands the answer on.
module LostConnections
  # Knows which statement is being sent: the driver is given the name of a prepared one.
  class Watch
    def initialize(pattern)
      @pattern = pattern
    end

    def start(_name, _id, payload)
      Thread.current[:lost_connection] = LostConnections if LostConnections.armed && payload[:sql].match?(@pattern)
    end

    def finish(*)
      Thread.current[:lost_connection] = nil
    end
  end

  # For `PG::Connection`.
  module Driver
    %i[exec_prepared exec_params].each do |name|
      define_method(name) do |*arguments, &block|
        result = super(*arguments, &block)
        return result unless Thread.current[:lost_connection] && LostConnections.armed

        LostConnections.armed = false
        socket_io.shutdown
        raise PG::ConnectionBad, "the connection was cut"
      end
    end
  end

  class << self
    attr_accessor :armed

    # @param pattern [Regexp] of the statement's text
    # @return [Object] what the block returns
    def after(pattern)
      PG::Connection.prepend(Driver)
      self.armed = true
      subscription = ActiveSupport::Notifications.subscribe("sql.active_record", Watch.new(pattern))
      yield.tap { raise "no statement was sent that matches #{pattern.inspect}" if armed }
    ensure
      self.armed = false
      ActiveSupport::Notifications.unsubscribe(subscription)
    end
  end
end
