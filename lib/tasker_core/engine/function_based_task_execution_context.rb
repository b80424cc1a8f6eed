# frozen_string_literal: true

module TaskerCore
  module Backing
    # Class methods of `FunctionBasedTaskExecutionContext`.
    module TaskExecutionContext
      def find(task_id)
        Seam["FunctionBasedTaskExecutionContext.find"].ask(self, task_id) do |seam|
          next Seam::DECLINED unless Ids.id?(task_id) && EngineCode.untouched?(self, :single_from_sql_function, :connection)

          survey = Run.current&.survey(task_id)
          next surveyed_context(seam, survey) if survey

          contexts = execution_contexts(seam, [task_id], "TaskExecutionContext Load")
          contexts.equal?(Seam::DECLINED) ? contexts : contexts.first
        end
      end

      def for_tasks(task_ids)
        Seam["FunctionBasedTaskExecutionContext.for_tasks"].ask(self, task_ids) do |seam|
          next Seam::DECLINED unless Ids.list?(task_ids) && EngineCode.untouched?(self, :from_sql_function, :connection)
          next [] if task_ids.empty?

          execution_contexts(seam, task_ids, "TaskExecutionContext Batch Load")
        end
      end

      private

      def surveyed_context(seam, survey)
        seam.answered
        FunctionRows.objects(self, [survey.context]).first
      end

      def execution_contexts(seam, task_ids, label)
        return Seam::DECLINED if Repairs::BackoffOverflow.in_tasks?(task_ids)

        conversation = Native::Conversation.task_execution_contexts(seam.name, task_ids)
        columns = attribute_names
        contexts = task_ids.one? ? Host.converse(conversation, label) : Host.bulk(conversation, label)
        contexts.map { |row| new(columns.zip(row).to_h) }
      end
    end
  end
end
