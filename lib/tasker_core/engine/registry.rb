# frozen_string_literal: true

require_relative "claims"
require_relative "engine_code"
require_relative "frames"
require_relative "function_rows"
require_relative "host"
require_relative "ids"
require_relative "in_place"
require_relative "instant"
require_relative "named_steps"
require_relative "named_tasks"
require_relative "pending_records"
require_relative "plain_model"
require_relative "readiness_chain"
require_relative "repairs"
require_relative "recovery"
require_relative "row_triggers"
require_relative "run"
require_relative "shadow"
require_relative "step_ending"
require_relative "step_sequence"
require_relative "task_ending"
require_relative "transition"
require_relative "backing/analytics_metrics"
require_relative "backing/dag_relationships"
require_relative "backing/dependency_levels"
require_relative "backing/edges"
require_relative "backing/runtime_graph"
require_relative "backing/slowest"
require_relative "backing/state_machine"
require_relative "backing/step_executor"
require_relative "backing/step_readiness"
require_relative "backing/system_health_counts"
require_relative "backing/task_condition"
require_relative "backing/task_execution_context"
require_relative "backing/task_finalizer"
require_relative "backing/task_steps"
require_relative "backing/template_graph"

module TaskerCore
  # Puts Rust's answers in the place of the engine's methods. The engine's own definition is kept in a {Seam} and runs whenever the
  # gem is off or declines.
  module Backing
    # Classes below the engine's `lib`; they exist once the engine's initializers have run, and anew after each reload.
    LIBRARY = [
      ["Tasker::Functions::FunctionBasedStepReadinessStatus", StepReadiness, :singleton],
      ["Tasker::Functions::FunctionBasedTaskExecutionContext", TaskExecutionContext, :singleton],
      ["Tasker::Functions::FunctionBasedDependencyLevels", DependencyLevels, :singleton],
      ["Tasker::Functions::FunctionBasedSystemHealthCounts", SystemHealthCounts, :singleton],
      ["Tasker::Functions::FunctionBasedAnalyticsMetrics", AnalyticsMetrics, :singleton],
      ["Tasker::Functions::FunctionBasedSlowestSteps", SlowestSteps, :singleton],
      ["Tasker::Functions::FunctionBasedSlowestTasks", SlowestTasks, :singleton],
      ["Tasker::Analysis::RuntimeGraphAnalyzer", RuntimeGraph, :instance],
      ["Tasker::Analysis::TemplateGraphAnalyzer", TemplateGraph, :instance],
      ["Tasker::StateMachine::TaskStateMachine", StateMachine, :instance],
      ["Tasker::StateMachine::StepStateMachine", StateMachine, :instance],
      ["Tasker::Orchestration::StepExecutor", StepExecutor, :instance],
      ["Tasker::Orchestration::TaskFinalizer", TaskFinalizer, :instance]
    ].freeze

    # Models, which are not loaded before somebody needs them.
    MODELS = [
      ["Tasker::WorkflowStep", TaskSteps, :singleton],
      ["Tasker::WorkflowStepEdge", EdgeCycles, :instance],
      ["Tasker::WorkflowStepEdge", EdgeSiblings, :singleton]
    ].freeze

    class << self
      # Backs the engine's library classes as they are now. Classes that are backed already stay as they are.
      def back_library
        LIBRARY.each { |name, answers, side| back(name.constantize, answers, side) }
        Frames.attach
        Claims.attach
        Recovery.attach
        Repairs.attach
      end

      # Backs each model when it is loaded, this time and after every reload.
      # @param loader [Zeitwerk::Loader]
      def back_models(loader)
        PlainModel::COLUMNS.each_key { |name| loader.on_load(name) { |model, _path| PlainModel.remember(model) } }
        MODELS.each do |name, answers, side|
          loader.on_load(name) { |model, _path| back(model, answers, side) }
        end
        Frames::Models::OF.each_key { |name| loader.on_load(name) { |model, _path| Frames.attach_to(model) } }
        Repairs.attach_when_loaded(loader)
        Recovery.attach_when_loaded(loader)
        loader.on_load(DagRelationships::MODEL) { |model, _path| DagRelationships.attach(model) }
      end

      # Loads the models now, so that every seam is there.
      def load_models
        [*MODELS.map(&:first), DagRelationships::MODEL].uniq.each(&:constantize)
      end

      # Each method that is backed, as it is defined now, by the name of its seam.
      # @return [Hash{String => UnboundMethod}]
      def methods_now
        [*LIBRARY, *MODELS].each_with_object({}) do |(name, answers, side), methods|
          owner, prefix = place(name.constantize, side)
          answers.public_instance_methods(false).each { |method| methods["#{prefix}#{method}"] = owner.instance_method(method) }
        end
      end

      private

      def back(klass, answers, side)
        owner, prefix = place(klass, side)
        InPlace.redefine(owner, answers) { |name, original| Seam.keep("#{prefix}#{name}", original, answers) }
      end

      # @return [Array(Module, String)] what defines the methods of one side of a class, and how the names of their seams begin
      def place(klass, side)
        name = klass.name.demodulize
        side == :singleton ? [klass.singleton_class, "#{name}."] : [klass, "#{name}#"]
      end
    end
  end
end
