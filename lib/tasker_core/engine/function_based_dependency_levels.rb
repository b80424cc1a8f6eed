# frozen_string_literal: true

module TaskerCore
  module Engine
    # The class method of `FunctionBasedDependencyLevels` that asks the database. The others filter what it returns.
    module FunctionBasedDependencyLevels
      def for_task(task_id)
        Override["FunctionBasedDependencyLevels.for_task"].ask(self, task_id) do |override|
          next Override::DECLINED unless Native::Ids.id?(task_id) && Stock::EngineCode.stock?(self, :from_sql_function, :connection)

          conversation = Native::Conversation.dependency_levels(override.name, task_id)
          Native::QueryRunner.run(conversation, "DependencyLevels Load").map do |level, step_id|
            new("workflow_step_id" => step_id, "dependency_level" => level)
          end
        rescue CycleError
          Fix.on?(:endless_recursion) ? raise : Override::DECLINED
        end
      end
    end
  end
end
