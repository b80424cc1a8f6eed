# frozen_string_literal: true

module TaskerCore
  module Records
    # The readiness of a task's steps and its execution context, which an analysis wants both, in one statement and as of one moment.
    module TaskCondition
      READINESS = "FunctionBasedStepReadinessStatus.for_task"
      CONTEXT = "FunctionBasedTaskExecutionContext.find"
      private_constant :READINESS, :CONTEXT

      class << self
        # @param task_id [Integer]
        # @return [Array(Array, Object), nil] objects of the engine's classes, as its two methods return them; nil where those must be asked
        def of(task_id)
          statuses = Tasker::Functions::FunctionBasedStepReadinessStatus
          contexts = Tasker::Functions::FunctionBasedTaskExecutionContext
          return unless asked_as_ever?(statuses, :for_task) && asked_as_ever?(contexts, :find)

          context, steps = Native::QueryRunner.run_bulk(Native::Conversation.task_condition(READINESS, task_id), "StepReadinessStatus Load")
          steps &&= statuses.send(:step_statuses, steps, :light_objects)
          return if steps.nil? || steps.equal?(Override::DECLINED)

          Override[CONTEXT].answered
          [steps, contexts.new(contexts.attribute_names.zip(context).to_h)]
        rescue InternalError => e
          Rails.logger.error("tasker-core: the condition of task #{task_id} is read by the engine: #{e.class}: #{e.message}")
          nil
        end

        private

        def asked_as_ever?(wrapper, name)
          MethodPatcher.patched?(wrapper.method(name)) &&
            Stock::EngineCode.stock?(wrapper, :from_sql_function, :single_from_sql_function, :connection)
        end
      end
    end
  end
end
