# frozen_string_literal: true

module TaskerCore
  module Engine
    # Class methods of `FunctionBasedTaskExecutionContext`.
    module FunctionBasedTaskExecutionContext
      def find(task_id)
        Override["FunctionBasedTaskExecutionContext.find"].ask(self, task_id) do |override|
          next Override::DECLINED unless Native::Ids.id?(task_id) && Stock::EngineCode.stock?(self, :single_from_sql_function, :connection)

          survey = Run.current&.survey(task_id)
          next surveyed_context(override, survey) if survey

          contexts = execution_contexts(override, [task_id], "TaskExecutionContext Load")
          contexts.equal?(Override::DECLINED) ? contexts : contexts.first
        end
      end

      def for_tasks(task_ids)
        Override["FunctionBasedTaskExecutionContext.for_tasks"].ask(self, task_ids) do |override|
          next Override::DECLINED unless Native::Ids.list?(task_ids) && Stock::EngineCode.stock?(self, :from_sql_function, :connection)
          next [] if task_ids.empty?

          execution_contexts(override, task_ids, "TaskExecutionContext Batch Load")
        end
      end

      private

      def surveyed_context(override, survey)
        override.answered
        Records::FunctionRows.objects(self, [survey.context]).first
      end

      def execution_contexts(override, task_ids, label)
        return Override::DECLINED if Fixes::BackoffOverflow.in_tasks?(task_ids)

        conversation = Native::Conversation.task_execution_contexts(override.name, task_ids)
        columns = attribute_names
        contexts = task_ids.one? ? Native::QueryRunner.run(conversation, label) : Native::QueryRunner.run_bulk(conversation, label)
        contexts.map { |row| new(columns.zip(row).to_h) }
      end
    end
  end
end
