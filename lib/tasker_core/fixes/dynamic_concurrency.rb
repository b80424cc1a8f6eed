# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Gives the engine's formula of how many steps may run at once the number that it is made from: connections that are free.
    #
    # It reads `stat[:available]`, and no connection pool of ActiveRecord has that.
    module DynamicConcurrency
      # @param stat [Hash{Symbol => Numeric}] of a connection pool
      # @return [Hash{Symbol => Numeric}] the same, with the number of free connections, those included that the pool may
      #   still open. A connection whose thread has died is held until the pool reaps it.
      def self.complete(stat)
        return stat unless stat.is_a?(Hash)
        return stat if stat.key?(:available) || !stat.key?(:size)

        { **stat, available: [stat[:size] - stat.fetch(:busy, 0) - stat.fetch(:dead, 0), 0].max }
      end

      # The class methods of the engine's `ConnectionPoolIntelligence`.
      module Pool
        def assess_connection_health
          health = MethodPatcher.call_original(Pool, :assess_connection_health, self)
          return health unless Fix.on?(:dynamic_concurrency)

          { **health, rails_pool_stats: DynamicConcurrency.complete(health[:rails_pool_stats]) }
        end

        def recommend_concurrency(pool_stat)
          pool_stat = DynamicConcurrency.complete(pool_stat) if Fix.on?(:dynamic_concurrency)
          MethodPatcher.call_original(Pool, :recommend_concurrency, self, pool_stat)
        end
      end
    end
  end
end
