# frozen_string_literal: true

module TaskerCore
  # Carries {TaskerCore.without} over to the threads on which the engine runs steps.
  #
  # They belong to a pool and were begun elsewhere, so they inherit nothing of the caller. A step object goes from the caller to
  # its thread, so the mark is on that.
  module SwitchCarrier
    MARK = :@tasker_core_off
    private_constant :MARK

    class << self
      # @param executor [Class] the engine's `StepExecutor`
      def attach(executor)
        return if executor.include?(self)

        executor.include(self)
        mark_steps(executor, executor.instance_method(:execute_steps_concurrently))
        heed_mark(executor, executor.instance_method(:execute_single_step))
      end

      private

      def mark_steps(executor, original)
        executor.define_method(:execute_steps_concurrently) do |task, sequence, viable_steps, task_handler|
          viable_steps.each { |step| step.instance_variable_set(MARK, true) } if Switch.off_here?
          original.bind_call(self, task, sequence, viable_steps, task_handler)
        end
        executor.send(:private, :execute_steps_concurrently)
      end

      def heed_mark(executor, original)
        executor.define_method(:execute_single_step) do |task, sequence, step, task_handler|
          run = -> { original.bind_call(self, task, sequence, step, task_handler) }
          next run.call unless step.instance_variable_defined?(MARK)

          step.remove_instance_variable(MARK)
          Switch.off_here(&run)
        end
      end
    end
  end
end
