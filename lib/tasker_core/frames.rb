# frozen_string_literal: true

module TaskerCore
  # Frames of the engine in which a {Run} is begun, handed on, suspended and used. Here the engine's own code runs, on or off.
  module Frames
    # What an object carries from one thread to another.
    Baggage = Data.define(:run, :off)

    MARK = :@tasker_core_baggage

    @originals = {}

    class << self
      # Puts the frames around the engine's methods. A second time changes nothing.
      def attach
        frame(Tasker::Orchestration::WorkflowCoordinator, Coordinator)
        frame(Tasker::Orchestration::StepExecutor, Executor)
        frame(Tasker::Orchestration::TaskFinalizer, Finalizer)
        frame(Tasker::TaskHandler::InstanceMethods, TaskHandler)
        frame(Tasker::StepHandler::Base, Handler)
        frame(Tasker::StateMachine::StepStateMachine.singleton_class, MachineEvents)
        frame(Tasker::Events::Publisher, Publisher)
      end

      # Runs the engine's own definition of a framed method.
      def engine(frame, name, receiver, *, **)
        @originals.fetch([frame, name]).bind_call(receiver, *, **)
      end

      private

      def frame(owner, frame)
        InPlace.redefine(owner, frame) { |name, original| @originals[[frame, name]] = original }
      end
    end

    # A workflow begins and ends here.
    module Coordinator
      def execute_workflow(task, task_handler)
        engine = -> { Frames.engine(Coordinator, :execute_workflow, self, task, task_handler) }
        return Run.suspended(&engine) unless TaskerCore.active?

        run = Run.new
        Run.within(run) { Run.follow(run, "task", task.task_id, &engine) }
      end
    end

    # What becomes of a task is decided by what it is now.
    module Finalizer
      def finalize_task(task_id, synchronous: false)
        Run.current&.forget("task", task_id)
        Frames.engine(Finalizer, :finalize_task, self, task_id, synchronous:)
      end
    end

    # Steps go to threads of a pool, which were begun elsewhere and inherit nothing; the step objects carry what is needed. This is
    # how {TaskerCore.without} reaches them, too.
    module Executor
      def execute_steps_concurrently(task, sequence, viable_steps, task_handler)
        baggage = Baggage.new(run: Run.current, off: Switch.off_here?)
        viable_steps.each { |step| step.instance_variable_set(MARK, baggage) }
        Frames.engine(Executor, :execute_steps_concurrently, self, task, sequence, viable_steps, task_handler)
      end

      def execute_single_step(task, sequence, step, task_handler)
        engine = -> { Frames.engine(Executor, :execute_single_step, self, task, sequence, step, task_handler) }
        return engine.call unless step.instance_variable_defined?(MARK)

        baggage = step.remove_instance_variable(MARK)
        Switch.put(baggage.off) do
          run = baggage.run if TaskerCore.active?
          Run.within(run) { run ? run.hold(task, sequence, step, &engine) : engine.call }
        end
      end

      # Handlers that keep the engine's own `handle` are suspended within it ({Handler}), others from where they are made ({TaskHandler}).
      def execute_step_handler(task, sequence, step, task_handler)
        run = Run.current if InPlace.own?(task_handler.method(:get_step_handler))
        Run.within(run) { Frames.engine(Executor, :execute_step_handler, self, task, sequence, step, task_handler) }
      end
    end

    # Where the executor gets a step's handler, to call it next.
    module TaskHandler
      def get_step_handler(step)
        step_handler = Frames.engine(TaskHandler, :get_step_handler, self, step)
        Run.leave unless Handler.kept?(step_handler)
        step_handler
      end
    end

    # The application's own work is done in here.
    module Handler
      # @return [Boolean] whether a handler has the engine's `handle` and nothing else
      def self.kept?(step_handler)
        wrapper = step_handler.method(:handle)
        wrapper.owner == Tasker::StepHandler::AutomaticEventPublishing &&
          wrapper.super_method&.owner == Tasker::StepHandler::Base
      end

      def handle(task, sequence, step)
        Run.suspended { Frames.engine(Handler, :handle, self, task, sequence, step) }
      end
    end

    # Subscribers of the application look at the database, not at what a run remembers.
    module Publisher
      def publish(event_name, payload = {})
        return Frames.engine(Publisher, :publish, self, event_name, payload) unless Run.current && Subscribers.any?(event_name)

        Run.suspended { Frames.engine(Publisher, :publish, self, event_name, payload) }
      end
    end

    # The payload of a step's transition is made from a fresh object; one is at hand while the step is held.
    module MachineEvents
      def extract_step_from_context(context)
        Run.current&.held(context[:step_id])&.copy ||
          Frames.engine(MachineEvents, :extract_step_from_context, self, context)
      end
    end
  end
end
