# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Where the engine's tables have a database of their own, the engine asks before each step whether the connection to the other database
    # is alive, which only the application uses. ActiveRecord opens a connection when it is first used; until then it is not alive,
    # the step is passed over, and the loop finds it again for ever.
    #
    # Here that connection is opened first. Where the core has read the step from its own database, no other connection is checked.
    module SecondaryDatabase
      class << self
        # @return [Boolean] whether the engine's tables are in a database of their own
        def apart?
          Tasker::ApplicationRecord.connection_specification_name != ActiveRecord::Base.connection_specification_name
        end

        # @return [Boolean] whether the engine's own code must say if a step can be run
        def left_to_the_engine?
          apart? && !Fix.on?(:secondary_database)
        end

        # Opens the connection that the engine is about to ask.
        def connect
          return unless apart? && Fix.on?(:secondary_database)

          ActiveRecord::Base.with_connection(&:verify!)
        rescue ActiveRecord::ActiveRecordError => e
          # The engine will find the same, and has words for it.
          Rails.logger.error("tasker-core: repair secondary_database: #{e.class}: #{e.message}")
        end
      end
    end
  end
end
