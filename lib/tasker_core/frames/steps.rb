# frozen_string_literal: true

module TaskerCore
  module Frames
    # What an object carries from one thread to another.
    Baggage = Data.define(:run, :mode)

    MARK = :@tasker_core_baggage

    # Steps go to threads of a pool, which were begun elsewhere and inherit nothing; the step objects carry what is needed. This is
    # how {TaskerCore.without} reaches them, too.
    module Executor
      def execute_steps_concurrently(task, sequence, viable_steps, task_handler)
        run = Run.current
        baggage = Baggage.new(run:, mode: Switch.here)
        viable_steps.each { |step| step.instance_variable_set(MARK, baggage) unless step.frozen? }
        steps = run ? Run::Prospects.new(run, task.task_id, viable_steps) : viable_steps
        MethodPatcher.call_original(Executor, :execute_steps_concurrently, self, task, sequence, steps, task_handler)
      ensure
        run&.unsettle # a wave in which no step moved has a look after it, too
      end

      def execute_single_step(task, sequence, step, task_handler)
        engine = -> { MethodPatcher.call_original(Executor, :execute_single_step, self, task, sequence, step, task_handler) }
        return engine.call unless step.instance_variable_defined?(MARK)

        baggage = step.remove_instance_variable(MARK)
        Switch.put(baggage.mode) do
          run = baggage.run if TaskerCore.active?
          Run.within(run) { run ? run.hold(step, &engine) : engine.call }
        end
      end

      # Handlers that keep the engine's own `handle` are suspended within it ({Handler}), others from where they are made ({TaskHandler}).
      def execute_step_handler(task, sequence, step, task_handler)
        finder = Stock::EngineCode.method_of(task_handler, :get_step_handler)
        run = Run.current if finder && MethodPatcher.patched?(finder)
        Run.within(run) { MethodPatcher.call_original(Executor, :execute_step_handler, self, task, sequence, step, task_handler) }
      ensure
        Run::HeldStep.handed_back(step)
      end
    end
  end
end
