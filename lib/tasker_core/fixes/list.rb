# frozen_string_literal: true

module TaskerCore
  # The list of fixes. The rest of this module is loaded with the engine.
  module Fixes
    # A fault of the engine that the gem fixes.
    #
    # @!attribute [r] name
    #   @return [Symbol] the setting in `config.repairs`, and the section of docs/repairs.md
    # @!attribute [r] default
    #   @return [Boolean] whether it is on by default
    # @!attribute [r] mends
    #   @return [String] the result of the fix, in one sentence
    Fix = Data.define(:name, :default, :mends)

    # All fixes, in the order of docs/repairs.md.
    LIST = [
      Fix.new(name: :retries, default: true,
              mends: "Failed steps are retried after their backoff, and their tasks are enqueued for it."),
      Fix.new(name: :race_loser, default: true,
              mends: "The loser of a race for a step leaves the step alone instead of marking it as failed."),
      Fix.new(name: :stranded_steps, default: true,
              mends: "A step whose end cannot be written ends in `error` with the reason, instead of staying in progress for ever."),
      Fix.new(name: :stale_transitions, default: true,
              mends: "The loser of a transition can still save its object, and receives the right error."),
      Fix.new(name: :backoff_overflow, default: true,
              mends: "Steps with 44 attempts or more wait for 30 seconds; they no longer fail every query about their task."),
      Fix.new(name: :endless_recursion, default: true,
              mends: "Dependency levels of a cycle are an error instead of a query without end."),
      Fix.new(name: :task_completion, default: true,
              mends: "The completion of a task is published once, and only if it happened."),
      Fix.new(name: :task_runner_job, default: true,
              mends: "The job of a task that has not completed follows its own rules instead of raising `NameError`."),
      Fix.new(name: :slowest, default: true,
              mends: "The slowest steps and tasks are returned instead of an error of PostgreSQL, and steps are counted once."),
      Fix.new(name: :dynamic_concurrency, default: true,
              mends: "The number of concurrent steps follows the connection pool instead of being 3."),
      Fix.new(name: :forced_collections, default: true,
              mends: "Executing steps forces no garbage collection."),
      Fix.new(name: :secondary_database, default: true,
              mends: "Workflows with tables in a secondary database run, whether or not the primary one has been used."),
      Fix.new(name: :eager_load, default: true,
              mends: "An application with `config.eager_load = true`, as in production, boots."),
      Fix.new(name: :telemetry, default: true,
              mends: "Applications without OpenTelemetry boot without the engine's error about it."),
      Fix.new(name: :metrics, default: false,
              mends: "The engine's metrics subscriber is connected, and `/metrics` shows its counts."),
      Fix.new(name: :from_state, default: false,
              mends: "Transitions record the previous state, and events are named by both states.")
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
    end
  end
end
