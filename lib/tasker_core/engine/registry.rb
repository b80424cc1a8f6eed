# frozen_string_literal: true

module TaskerCore
  module Engine
    # The only list of what the gem puts on methods of the engine.
    #
    # There is one entry for each class and side. Its patches are modules of methods ({MethodPatcher}); they are applied in the order in
    # which they stand here, so the first one wraps the engine's own method, and the last one is called first.
    module Registry
      # Where methods of an entry are defined.
      SIDES = {
        instance: ->(klass) { klass },
        singleton: :singleton_class.to_proc,
        collection: ->(model) { model.relation_delegate_class(ActiveRecord::Associations::CollectionProxy) }
      }.freeze

      PREFIXES = { instance: "#", singleton: ".", collection: "::CollectionProxy#" }.freeze
      private_constant :SIDES, :PREFIXES

      # @!attribute [r] class_name
      #   @return [String]
      # @!attribute [r] side
      #   @return [Symbol] one of {SIDES}
      # @!attribute [r] override
      #   @return [Module, nil] methods whose results the core computes; each has an {Override}
      # @!attribute [r] around
      #   @return [Array<Module>] methods that run the engine's definition, or the override's, within something: what a run, a claim or a
      #     fix needs there
      Entry = Data.define(:class_name, :side, :override, :around) do
        def initialize(class_name:, side: :instance, override: nil, around: []) = super

        # @return [Module] whose methods are patched
        def owner(klass = class_name.constantize) = SIDES.fetch(side).call(klass)

        # @return [Array<Module>] in the order in which they are applied
        def patches = [*override, *around]

        # @return [String] with which the names of its methods begin, as in `WorkflowStep.get_viable_steps`
        def prefix = "#{class_name.demodulize}#{PREFIXES.fetch(side)}"
      end

      # Classes below the engine's `lib`. They exist once the engine's initializers have run, and anew after each reload.
      LIBRARY = [
        { class_name: "Tasker::Functions::FunctionBasedStepReadinessStatus", side: :singleton,
          override: FunctionBasedStepReadinessStatus },
        { class_name: "Tasker::Functions::FunctionBasedTaskExecutionContext", side: :singleton,
          override: FunctionBasedTaskExecutionContext },
        { class_name: "Tasker::Functions::FunctionBasedDependencyLevels", side: :singleton, override: FunctionBasedDependencyLevels },
        { class_name: "Tasker::Functions::FunctionBasedSystemHealthCounts", side: :singleton, override: FunctionBasedSystemHealthCounts },
        { class_name: "Tasker::Functions::FunctionBasedAnalyticsMetrics", side: :singleton, override: FunctionBasedAnalyticsMetrics },
        { class_name: "Tasker::Functions::FunctionBasedSlowestSteps", side: :singleton, override: FunctionBasedSlowestSteps },
        { class_name: "Tasker::Functions::FunctionBasedSlowestTasks", side: :singleton, override: FunctionBasedSlowestTasks },
        { class_name: "Tasker::Analysis::RuntimeGraphAnalyzer", override: RuntimeGraphAnalyzer, around: [Frames::Analysis] },
        { class_name: "Tasker::Analysis::TemplateGraphAnalyzer", override: TemplateGraphAnalyzer },
        { class_name: "Tasker::StateMachine::TaskStateMachine", override: StateMachine, around: [Fixes::StaleTransitions::Machine] },
        { class_name: "Tasker::StateMachine::StepStateMachine", override: StateMachine, around: [Fixes::StaleTransitions::Machine] },
        { class_name: "Tasker::StateMachine::StepStateMachine", side: :singleton, around: [Frames::MachineEvents] },
        { class_name: "Tasker::Orchestration::StepExecutor", override: Backing::StepExecutor,
          around: [Frames::Executor, Frames::Rounds::Executor, Frames::SystemLoad, WorkflowRun::EngineMethods::StepExecutor,
                   Claims::StepExecutor, Recovery::RetriedEndings::Executor, Fixes::Retries::Executor, Fixes::RaceLoser::Executor,
                   Fixes::StrandedSteps::Executor, Fixes::ForcedCollections::Executor] },
        { class_name: "Tasker::Orchestration::TaskFinalizer", override: Backing::TaskFinalizer,
          around: [Fixes::TaskCompletion::Finalizer] },
        { class_name: "Tasker::Orchestration::TaskFinalizer::FinalizationDecisionMaker", side: :singleton,
          around: [Fixes::Retries::Decision] },
        { class_name: "Tasker::Orchestration::TaskInitializer", around: [Frames::Initializer] },
        { class_name: "Tasker::Orchestration::WorkflowCoordinator", around: [Frames::Coordinator, Frames::Rounds::Coordinator,
                                                                             Fixes::Retries::Coordinator] },
        { class_name: "Tasker::Orchestration::StepSequenceFactory", around: [Frames::SequenceFactory, Frames::Sequences::Factory] },
        { class_name: "Tasker::Orchestration::TaskReenqueuer", around: [Fixes::Retries::Reenqueuer] },
        { class_name: "Tasker::Orchestration::ConnectionPoolIntelligence", side: :singleton, around: [Fixes::DynamicConcurrency::Pool] },
        { class_name: "Tasker::Types::StepSequence", around: [Frames::Sequences::Sequence] },
        { class_name: "Tasker::TaskHandler::InstanceMethods", around: [Frames::TaskHandler, WorkflowRun::EngineMethods::TaskHandler,
                                                                       Claims::TaskHandler, Fixes::RaceLoser::TaskHandler] },
        { class_name: "Tasker::StepHandler::Base", around: [Frames::Handler] },
        { class_name: "Tasker::Events::Publisher", around: [Frames::Publisher] },
        { class_name: "Tasker::Concerns::EventPublisher", around: [Frames::Payloads] },
        { class_name: "Tasker::Concerns::StructuredLogging", around: [Frames::Logs] }
      ].map { |entry| Entry.new(**entry) }.freeze

      # Classes that the engine's initializers use while the application boots.
      BOOT = [
        { class_name: "Tasker::Events::Subscribers::TelemetrySubscriber", around: [Fixes::Telemetry::Subscriber] },
        { class_name: "Tasker::Orchestration::Coordinator", side: :singleton, around: [Fixes::Telemetry::Setup, Fixes::Metrics::Setup] }
      ].map { |entry| Entry.new(**entry) }.freeze

      # Classes below the engine's `app`, which the autoloader loads when they are used, and anew after each reload.
      AUTOLOADED = [
        { class_name: "Tasker::Task", around: [Frames::Models::Record] },
        { class_name: "Tasker::Task", side: :singleton, around: [Frames::Models::Finding] },
        { class_name: "Tasker::WorkflowStep", around: [Frames::Models::Record] },
        { class_name: "Tasker::WorkflowStep", side: :singleton, override: WorkflowStep },
        { class_name: "Tasker::WorkflowStep", side: :collection, around: [Frames::Models::Counting] },
        { class_name: "Tasker::WorkflowStepEdge", override: WorkflowStepEdge },
        { class_name: "Tasker::WorkflowStepEdge", side: :singleton, override: WorkflowStepEdge::ClassMethods },
        { class_name: "Tasker::NamedTask", side: :singleton, around: [Frames::Models::Naming] },
        { class_name: "Tasker::TaskRunnerJob", around: [Fixes::JobAtWork::Job, Fixes::TaskRunnerJob::Job, Recovery::EngineHooks::Job] },
        { class_name: "Tasker::TaskRunnerJob", side: :singleton, around: [Frames::Models::Job, Fixes::TaskRunnerJob::Rules] }
      ].map { |entry| Entry.new(**entry) }.freeze

      class << self
        # @return [Array<Entry>]
        def entries = [*LIBRARY, *BOOT, *AUTOLOADED]

        # The patches of each method of the engine, in the order in which they are applied.
        # @return [Hash{String => Array<Module>}] by a name such as `StepExecutor#execute_single_step`
        def patches
          entries.each_with_object({}) do |entry, found|
            entry.patches.each do |patch|
              patch.public_instance_methods(false).each { |name| (found["#{entry.prefix}#{name}"] ||= []) << patch }
            end
          end
        end

        # Patches the engine's library classes as they are now. A second time changes nothing.
        # @return [void]
        def patch_library
          LIBRARY.each { |entry| patch(entry, entry.class_name.constantize) }
          Recovery.mark_claims
        end

        # Patches the classes that the engine's initializers use.
        # @return [void]
        def patch_at_boot
          BOOT.each { |entry| patch(entry, entry.class_name.constantize) }
        end

        # Patches each autoloaded class when it is loaded, this time and after every reload.
        # @param loader [Zeitwerk::Loader]
        # @return [void]
        def patch_when_loaded(loader)
          Stock::Models::COLUMNS.each_key { |name| loader.on_load(name) { |model, _path| Stock::Models.record_callbacks(model) } }
          loader.on_load("Tasker::TaskRunnerJob") { |job, _path| Fixes::TaskRunnerJob.record_rules(job) }
          AUTOLOADED.each { |entry| loader.on_load(entry.class_name) { |klass, _path| patch(entry, klass) } }
          loader.on_load(StepDagRelationship::MODEL) { |model, _path| StepDagRelationship.attach(model) }
        end

        # Loads the autoloaded classes now, so that every {Override} exists.
        # @return [void]
        def load_models
          [*AUTOLOADED.map(&:class_name), StepDagRelationship::MODEL].uniq.each(&:constantize)
        end

        # The overridden methods as they are defined now, by the name of their {Override}.
        # @return [Hash{String => UnboundMethod}]
        def current_methods
          entries.select(&:override).each_with_object({}) do |entry, methods|
            owner = entry.owner
            entry.override.public_instance_methods(false).each do |name|
              methods["#{entry.prefix}#{name}"] = owner.instance_method(name)
            end
          end
        end

        private

        def patch(entry, klass)
          owner = entry.owner(klass)
          entry.patches.each do |patch|
            MethodPatcher.patch(owner, patch) do |name, original|
              Override.keep("#{entry.prefix}#{name}", original, patch) if patch == entry.override
            end
          end
        end
      end
    end
  end
end
