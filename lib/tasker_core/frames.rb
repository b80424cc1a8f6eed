# frozen_string_literal: true

require_relative "frames/analysis"
require_relative "frames/collaborators"
require_relative "frames/events"
require_relative "frames/logs"
require_relative "frames/models"
require_relative "frames/rounds"
require_relative "frames/sequences"
require_relative "frames/system_load"
require_relative "frames/tasks"
require_relative "frames/step_handlers"
require_relative "frames/steps"

module TaskerCore
  # Frames of the engine in which a {Run} is begun, handed on, suspended and used. Here the engine's own code runs, on or off.
  module Frames
    class << self
      # Puts the frames around the engine's methods. A second time changes nothing.
      def attach
        InPlace.redefine(Tasker::Orchestration::TaskInitializer, Initializer)
        InPlace.redefine(Tasker::Orchestration::WorkflowCoordinator, Coordinator)
        InPlace.redefine(Tasker::Orchestration::StepSequenceFactory, SequenceFactory)
        InPlace.redefine(Tasker::Orchestration::StepSequenceFactory, Sequences::Factory)
        InPlace.redefine(Tasker::Types::StepSequence, Sequences::Sequence)
        InPlace.redefine(Tasker::Orchestration::WorkflowCoordinator, Rounds::Coordinator)
        InPlace.redefine(Tasker::Orchestration::StepExecutor, Executor)
        InPlace.redefine(Tasker::Orchestration::StepExecutor, Rounds::Executor)
        InPlace.redefine(Tasker::Orchestration::StepExecutor, SystemLoad)
        InPlace.redefine(Tasker::TaskHandler::InstanceMethods, TaskHandler)
        InPlace.redefine(Tasker::StepHandler::Base, Handler)
        InPlace.redefine(Tasker::StateMachine::StepStateMachine.singleton_class, MachineEvents)
        InPlace.redefine(Tasker::Events::Publisher, Publisher)
        InPlace.redefine(Tasker::Concerns::EventPublisher, Payloads)
        InPlace.redefine(Tasker::Concerns::StructuredLogging, Logs)
        InPlace.redefine(Tasker::Analysis::RuntimeGraphAnalyzer, Analysis)
      end

      # Puts the frames around methods of one of the engine's classes that are loaded when somebody needs them.
      # @param model [Class]
      def attach_to(model)
        Models::OF.fetch(model.name).each { |frame, owner| InPlace.redefine(owner.call(model), frame) }
      end
    end
  end
end
