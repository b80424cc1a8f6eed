# frozen_string_literal: true

require_relative "engine_code"
require_relative "host"
require_relative "ids"
require_relative "instant"
require_relative "switch_carrier"
require_relative "transition"
require_relative "backing/step_readiness"
require_relative "backing/task_execution_context"
require_relative "backing/dependency_levels"
require_relative "backing/viable_steps"
require_relative "backing/state_machine"

module TaskerCore
  # Puts Rust's answers in the place of the engine's methods.
  #
  # In place, not by `prepend`: RSpec refuses `allow_any_instance_of` on prepended methods, and applications stub the engine that
  # way. The engine's own definition is kept in a {Seam} and runs whenever the gem is off or declines.
  module Backing
    # Classes below the engine's `lib`; they exist once the engine's initializers have run, and again after each reload.
    LIBRARY = {
      "Tasker::Functions::FunctionBasedStepReadinessStatus" => [StepReadiness, :singleton],
      "Tasker::Functions::FunctionBasedTaskExecutionContext" => [TaskExecutionContext, :singleton],
      "Tasker::Functions::FunctionBasedDependencyLevels" => [DependencyLevels, :singleton],
      "Tasker::StateMachine::TaskStateMachine" => [StateMachine, :instance],
      "Tasker::StateMachine::StepStateMachine" => [StateMachine, :instance]
    }.freeze

    # Models, which are not loaded before somebody needs them.
    MODELS = {
      "Tasker::WorkflowStep" => [ViableSteps, :singleton]
    }.freeze

    class << self
      # Backs the engine's library classes as they are now. Classes that are backed already stay as they are.
      def back_library
        LIBRARY.each { |name, (answers, side)| back(name.constantize, answers, side) }
        SwitchCarrier.attach(Tasker::Orchestration::StepExecutor)
      end

      # Backs each model when it is loaded, this time and after every reload.
      # @param loader [Zeitwerk::Loader]
      def back_models(loader)
        MODELS.each do |name, (answers, side)|
          loader.on_load(name) { |model, _path| back(model, answers, side) }
        end
        Transition::Storage::MODELS.each do |name|
          loader.on_load(name) { |model, _path| Transition::Storage.remember(model) }
        end
      end

      # Replaces the methods of `klass` that `answers` defines.
      #
      # @param klass [Class] of the engine
      # @param answers [Module] methods with the engine's names and parameters; private ones are helpers
      # @param side [:singleton, :instance] whose methods they are
      def back(klass, answers, side)
        owner = side == :singleton ? klass.singleton_class : klass
        return if owner.include?(answers)

        originals = answers.public_instance_methods(false).to_h { |name| [name, owner.instance_method(name)] }
        owner.include(answers)
        originals.each { |name, original| replace(klass, owner, answers.instance_method(name), original) }
      end

      # @param method [Method]
      # @return [Boolean] whether it is one of those put in place here
      def in_place?(method)
        file, = method.source_location
        !file.nil? && file.start_with?(__dir__)
      end

      # @return [String] such as `"WorkflowStep.get_viable_steps"` or `"TaskStateMachine#transition_to!"`
      def seam_name(klass, owner, method)
        "#{klass.name.demodulize}#{owner.singleton_class? ? "." : "#"}#{method}"
      end

      private

      def replace(klass, owner, answer, original)
        name = answer.name
        visibility = visibility_of(owner, name)
        Seam.keep(seam_name(klass, owner, name), original)
        owner.define_method(name, answer)
        owner.send(visibility, name)
      end

      def visibility_of(owner, name)
        return :private if owner.private_method_defined?(name)

        owner.protected_method_defined?(name) ? :protected : :public
      end
    end
  end
end
