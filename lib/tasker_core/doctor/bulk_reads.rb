# frozen_string_literal: true

require_relative "../native/bulk_read_pool"
require_relative "finding"

module TaskerCore
  module Doctor
    # Whether there is a pool for bulk reads, and whether there can be the one that was asked for. None is opened.
    class BulkReads
      # @param configuration [Configuration]
      # @param connections [ActiveRecord::ConnectionAdapters::ConnectionPool]
      def initialize(configuration: TaskerCore.configuration, connections: Tasker::ApplicationRecord.connection_pool)
        @size = configuration.bulk_pool_size
        @connections = connections
      end

      def title = "bulk reads"

      def findings
        return [Finding.ok("no pool: they are asked on the engine's own connection")] if @size.nil?

        Native::BulkReadPool::Settings.read(@connections)
        [Finding.ok("a pool of #{@size} for each process, outside of transactions and with the query cache off")]
      rescue ConfigurationError => e
        [Finding.fail(e.message, "Make it so, or take `config.bulk_pool_size = #{@size}` out of the initializers.")]
      end
    end
  end
end
