# frozen_string_literal: true

require_relative "frames/events"
require_relative "frames/logs"
require_relative "frames/models"
require_relative "frames/system_load"
require_relative "frames/tasks"
require_relative "frames/step_handlers"
require_relative "frames/steps"

module TaskerCore
  # Frames of the engine in which a {Run} is begun, handed on, suspended and used. Here the engine's own code runs, on or off.
  module Frames
    @originals = {}

    class << self
      # Puts the frames around the engine's methods. A second time changes nothing.
      def attach
        frame(Tasker::Orchestration::TaskInitializer, Initializer)
        frame(Tasker::Orchestration::WorkflowCoordinator, Coordinator)
        frame(Tasker::Orchestration::StepSequenceFactory, SequenceFactory)
        frame(Tasker::Orchestration::StepExecutor, Executor)
        frame(Tasker::Orchestration::StepExecutor, SystemLoad)
        frame(Tasker::Orchestration::TaskFinalizer, Finalizer)
        frame(Tasker::TaskHandler::InstanceMethods, TaskHandler)
        frame(Tasker::StepHandler::Base, Handler)
        frame(Tasker::StateMachine::StepStateMachine.singleton_class, MachineEvents)
        frame(Tasker::Events::Publisher, Publisher)
        frame(Tasker::Concerns::EventPublisher, Payloads)
        frame(Tasker::Concerns::StructuredLogging, Logs)
        frame(Tasker::Analysis::RuntimeGraphAnalyzer, Backing::RuntimeGraph::Analysis)
      end

      # Puts the frames around methods of one of the engine's classes that are loaded when somebody needs them.
      # @param model [Class]
      def attach_to(model)
        Models::OF.fetch(model.name).each { |frame, owner| frame(owner.call(model), frame) }
      end

      # Runs the engine's own definition of a framed method.
      def engine(frame, name, receiver, ...)
        InPlace.original_for(@originals.fetch([frame, name]), frame, receiver).bind_call(receiver, ...)
      end

      # Whether methods of an object are still the engine's, with nothing of an application or a test in their place.
      def untouched?(object, *names)
        names.all? do |name|
          method = object.method(name)
          EngineCode.own?(method) || InPlace.own?(method)
        end
      rescue NameError
        false
      end

      private

      def frame(owner, frame)
        InPlace.redefine(owner, frame) { |name, original| @originals[[frame, name]] = original }
      end
    end
  end
end
