# frozen_string_literal: true

require_relative "in_place"
require_relative "instrumentation"
require_relative "repairs/backoff_overflow"
require_relative "repairs/dynamic_concurrency"
require_relative "repairs/forced_collections"
require_relative "repairs/from_state"
require_relative "repairs/job_at_work"
require_relative "repairs/metrics"
require_relative "repairs/race_loser"
require_relative "repairs/register"
require_relative "repairs/retries"
require_relative "repairs/secondary_database"
require_relative "repairs/stale_transitions"
require_relative "repairs/stranded_steps"
require_relative "repairs/task_completion"
require_relative "repairs/task_runner_job"
require_relative "repairs/telemetry"

module TaskerCore
  # Mends faults of the engine where an application would be stuck, misled or broken by them.
  #
  # A repair is a module of methods that are put in the place of the engine's, as {Frames} are. Each asks {on?} first, each time it is
  # called, and runs the engine's own definition ({InPlace.engine}) where it is switched off.
  module Repairs
    # Classes below the engine's `lib`: what mends which. `.` stands for a class's own methods.
    LIBRARY = {
      "Tasker::Orchestration::ConnectionPoolIntelligence." => [DynamicConcurrency::Pool],
      "Tasker::StateMachine::TaskStateMachine" => [StaleTransitions::Machine],
      "Tasker::StateMachine::StepStateMachine" => [StaleTransitions::Machine],
      "Tasker::Orchestration::StepExecutor" => [Retries::Executor, RaceLoser::Executor, StrandedSteps::Executor, ForcedCollections::Executor],
      "Tasker::Orchestration::WorkflowCoordinator" => [Retries::Coordinator],
      "Tasker::Orchestration::TaskFinalizer" => [TaskCompletion::Finalizer],
      "Tasker::Orchestration::TaskFinalizer::FinalizationDecisionMaker." => [Retries::Decision],
      "Tasker::Orchestration::TaskReenqueuer" => [Retries::Reenqueuer],
      "Tasker::TaskHandler::InstanceMethods" => [RaceLoser::TaskHandler]
    }.freeze

    # Classes that the engine puts to use while the application boots.
    BOOT = {
      "Tasker::Events::Subscribers::TelemetrySubscriber" => [Telemetry::Subscriber],
      "Tasker::Orchestration::Coordinator." => [Telemetry::Setup, Metrics::Setup]
    }.freeze

    # Classes below the engine's `app`, which are not loaded before somebody needs them.
    APPLICATION = {
      "Tasker::TaskRunnerJob" => [JobAtWork::Job, TaskRunnerJob::Job],
      "Tasker::TaskRunnerJob." => [TaskRunnerJob::Rules]
    }.freeze

    class << self
      # @param name [Symbol]
      # @return [Boolean] whether that repair acts here and now: the gem is on, and so is the repair
      def on?(name)
        TaskerCore.active? && TaskerCore.configuration.repairs[name]
      end

      # Puts the repairs around the methods of the engine's library classes as they are now. A second time changes nothing.
      def attach
        LIBRARY.each { |name, modules| mend(name.delete_suffix(".").constantize, name, modules) }
      end

      # Puts those repairs in place that the engine's initializers run into.
      def attach_at_boot
        BOOT.each { |name, modules| mend(name.delete_suffix(".").constantize, name, modules) }
      end

      # Does the same for the other classes when they are loaded, this time and after every reload.
      # @param loader [Zeitwerk::Loader]
      def attach_when_loaded(loader)
        APPLICATION.each do |name, modules|
          loader.on_load(name.delete_suffix(".")) { |klass, _path| mend(klass, name, modules) }
        end
        loader.on_load("Tasker::TaskRunnerJob") { |job, _path| TaskRunnerJob.remember(job) }
      end

      # Says what a repair has done, in the log and by {Instrumentation}.
      # @param name [Symbol] the repair's
      # @param level [Symbol] of the line in the log
      # @return [void]
      def note(name, message, level: :info)
        Rails.logger.public_send(level, "tasker-core: repair #{name}: #{message}")
        Instrumentation.tell("repair", repair: name, message:)
      end

      private

      def mend(klass, name, modules)
        owner = name.end_with?(".") ? klass.singleton_class : klass
        modules.each { |repair| InPlace.redefine(owner, repair) }
      end
    end
  end
end
