# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether the work of killed processes is taken up, and whether it can be.
    class Recovery
      # @param configuration [Configuration]
      # @param config [ActiveRecord::DatabaseConfigurations::HashConfig] of the database of the engine's tables
      def initialize(configuration: TaskerCore.configuration, config: Tasker::ApplicationRecord.connection_pool.db_config)
        @configuration = configuration
        @config = config
      end

      def title = "recovery"

      def findings
        return [Finding.without_extension] unless Extension.loaded?

        TaskerCore::Recovery::LockSession.open(@config).close
        @configuration.recovery ? [on, *without_retries] : [off]
      rescue ConfigurationError => e
        [impossible(e.message)]
      end

      private

      def on
        Finding.ok("steps and tasks of killed processes are taken up after #{@configuration.recovery_grace} seconds")
      end

      def off
        Finding.warn("the work of a process that is killed is not taken up: its steps and tasks stay in progress",
                     "Set `config.recovery = true`, if your handlers bear to be executed again (docs/recovery.md).")
      end

      def without_retries
        return [] if @configuration.repairs.retries

        [Finding.warn("steps of killed processes end in error and are not tried again, since the repair retries is off",
                      "Take `config.repairs.retries = false` out of the initializers, and TASKER_CORE_REPAIRS out of the environment.")]
      end

      def impossible(message)
        unless @configuration.recovery
          return Finding.warn("the work of a process that is killed is not taken up, and cannot be: #{message}",
                              "Have the application connect to PostgreSQL past the pooler, then set `config.recovery = true`.")
        end

        Finding.fail(message, "Make it so, or take `config.recovery = true` out of the initializers and TASKER_CORE_RECOVERY out of the " \
                              "environment.")
      end
    end
  end
end
