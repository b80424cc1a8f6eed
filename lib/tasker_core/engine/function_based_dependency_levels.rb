# frozen_string_literal: true

module TaskerCore
  module Backing
    # The class method of `FunctionBasedDependencyLevels` that asks the database. The others filter what it returns.
    module DependencyLevels
      def for_task(task_id)
        Seam["FunctionBasedDependencyLevels.for_task"].ask(self, task_id) do |seam|
          next Seam::DECLINED unless Ids.id?(task_id) && EngineCode.untouched?(self, :from_sql_function, :connection)

          conversation = Native::Conversation.dependency_levels(seam.name, task_id)
          Host.converse(conversation, "DependencyLevels Load").map do |step_id, level|
            new("workflow_step_id" => step_id, "dependency_level" => level)
          end
        rescue CycleError
          Repairs.on?(:endless_recursion) ? raise : Seam::DECLINED
        end
      end
    end
  end
end
