# frozen_string_literal: true

module TaskerCore
  # The faults that are mended; everything else about repairs is loaded with the engine.
  module Repairs
    # A fault of the engine that the gem mends.
    #
    # @!attribute [r] name
    #   @return [Symbol] the setting in `config.repairs`, and the section of docs/repairs.md
    # @!attribute [r] default
    #   @return [Boolean] whether it is on unless somebody says otherwise
    # @!attribute [r] mends
    #   @return [String] what it mends, in one sentence
    Repair = Data.define(:name, :default, :mends)

    # The one place that lists them, in the order of docs/repairs.md.
    REGISTER = [
      Repair.new(name: :retries, default: true,
                 mends: "Failed steps are tried again once their wait is over, and their tasks are taken up again for it."),
      Repair.new(name: :race_loser, default: true,
                 mends: "Whoever comes second to a step leaves it alone instead of marking it as failed."),
      Repair.new(name: :stranded_steps, default: true,
                 mends: "A step whose end cannot be written ends in error with the reason, not in progress for ever."),
      Repair.new(name: :stale_transitions, default: true,
                 mends: "Who loses a transition can still save the object, and is told that it has come too late."),
      Repair.new(name: :backoff_overflow, default: true,
                 mends: "Steps with 44 attempts or more wait for 30 seconds instead of failing every question about their task."),
      Repair.new(name: :endless_recursion, default: true,
                 mends: "Dependency levels of steps that wait for each other in a circle are an error, not a query without end."),
      Repair.new(name: :task_completion, default: true,
                 mends: "The completion of a task is told of once, and only if it happened."),
      Repair.new(name: :task_runner_job, default: true,
                 mends: "The job of a task that has not completed ends by its own rules instead of a `NameError`."),
      Repair.new(name: :slowest, default: true,
                 mends: "The slowest steps and tasks are told instead of an error from PostgreSQL, and their steps counted once."),
      Repair.new(name: :dynamic_concurrency, default: true,
                 mends: "The number of steps that run at once follows the connection pool instead of being 3."),
      Repair.new(name: :forced_collections, default: true,
                 mends: "Running steps forces no garbage collection; Ruby collects when it needs to."),
      Repair.new(name: :secondary_database, default: true,
                 mends: "Workflows whose tables are in a database of their own run, whether or not the other one has been used."),
      Repair.new(name: :eager_load, default: true,
                 mends: "An application with `config.eager_load = true`, as in production, boots."),
      Repair.new(name: :telemetry, default: true,
                 mends: "Applications without OpenTelemetry boot without the engine's error about it."),
      Repair.new(name: :metrics, default: false,
                 mends: "The engine's subscriber for metrics is connected, and `/metrics` shows what it counts."),
      Repair.new(name: :from_state, default: false,
                 mends: "Transitions record the state before, and events are named by both states.")
    ].freeze

    BY_NAME = REGISTER.to_h { |repair| [repair.name, repair] }.freeze
    private_constant :BY_NAME

    class << self
      # @return [Array<Symbol>]
      def names
        BY_NAME.keys
      end

      # @param name [Symbol, String]
      # @return [Repair]
      # @raise [ArgumentError] for a name that is none
      def fetch(name)
        BY_NAME.fetch(name.to_sym) do
          raise ArgumentError, "config.repairs: expected one of #{names.join(", ")}, got #{name.inspect}"
        end
      end
    end
  end
end
