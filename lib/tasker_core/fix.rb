# frozen_string_literal: true

require_relative "instrumentation"

module TaskerCore
  # A fault of the engine that the gem fixes. Modules of {Fixes} with the same name contain the code.
  #
  # @!attribute [r] name
  #   @return [Symbol] the setting in `config.repairs`, and the section of docs/repairs.md
  # @!attribute [r] default
  #   @return [Boolean] whether it is on by default
  # @!attribute [r] result
  #   @return [String] the effect of the fix, in one sentence
  Fix = Data.define(:name, :default, :result)

  # See above.
  class Fix
    # All fixes, in the order of docs/repairs.md.
    LIST = [
      new(name: :retries, default: true,
          result: "Failed steps are retried after their backoff, and their tasks are enqueued for it."),
      new(name: :race_loser, default: true,
          result: "The loser of a race for a step leaves the step alone instead of marking it as failed."),
      new(name: :stranded_steps, default: true,
          result: "A step whose end cannot be written ends in `error` with the reason, instead of staying in progress for ever."),
      new(name: :stale_transitions, default: true,
          result: "The loser of a transition can still save its object, and receives the right error."),
      new(name: :backoff_overflow, default: true,
          result: "Steps with 44 attempts or more wait for 30 seconds; they no longer fail every query about their task."),
      new(name: :endless_recursion, default: true,
          result: "Dependency levels of a cycle are an error instead of a query without end."),
      new(name: :task_completion, default: true,
          result: "The completion of a task is published once, and only if it happened."),
      new(name: :task_runner_job, default: true,
          result: "The job of a task that has not completed follows its own rules instead of raising `NameError`."),
      new(name: :slowest, default: true,
          result: "The slowest steps and tasks are returned instead of an error of PostgreSQL, and steps are counted once."),
      new(name: :dynamic_concurrency, default: true,
          result: "The number of concurrent steps follows the connection pool instead of being 3."),
      new(name: :forced_collections, default: true,
          result: "Executing steps forces no garbage collection."),
      new(name: :secondary_database, default: true,
          result: "Workflows with tables in a secondary database run, whether or not the primary one has been used."),
      new(name: :eager_load, default: true,
          result: "An application with `config.eager_load = true`, as in production, boots."),
      new(name: :telemetry, default: true,
          result: "Applications without OpenTelemetry boot without the engine's error about it."),
      new(name: :metrics, default: false,
          result: "The engine's metrics subscriber is connected, and `/metrics` shows its counts."),
      new(name: :from_state, default: false,
          result: "Transitions record the previous state, and events are named by both states.")
    ].freeze

    BY_NAME = LIST.to_h { |fix| [fix.name, fix] }.freeze
    private_constant :BY_NAME

    class << self
      # @return [Array<Symbol>]
      def names
        BY_NAME.keys
      end

      # @param name [Symbol, String]
      # @return [Fix]
      # @raise [ArgumentError] for an unknown name
      def fetch(name)
        BY_NAME.fetch(name.to_sym) do
          raise ArgumentError, "config.repairs: expected one of #{names.join(", ")}, got #{name.inspect}"
        end
      end

      # @param name [Symbol]
      # @return [Boolean] whether the fix acts now: the gem is on, and so is the fix
      def on?(name)
        TaskerCore.active? && TaskerCore.configuration.repairs[name]
      end

      # Logs and publishes ({Instrumentation}) what a fix has done.
      # @param name [Symbol]
      # @param level [Symbol] of the log line
      # @return [void]
      def note(name, message, level: :info)
        Rails.logger.public_send(level, "tasker-core: repair #{name}: #{message}")
        Instrumentation.tell("repair", repair: name, message:)
      end
    end
  end
end
