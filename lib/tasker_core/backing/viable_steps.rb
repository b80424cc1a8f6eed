# frozen_string_literal: true

module TaskerCore
  module Backing
    # `WorkflowStep.get_viable_steps`: the steps of a sequence that may be run now, as a relation.
    module ViableSteps
      def get_viable_steps(task, sequence)
        Seam["WorkflowStep.get_viable_steps"].ask(self, task, sequence) do |seam|
          step_ids = sequence.steps.map(&:workflow_step_id)
          next Seam::DECLINED unless Ids.id?(task.task_id) && Ids.list?(step_ids)
          next Seam::DECLINED unless EngineCode.own_method?(Tasker::StepReadinessStatus, :for_task)

          conversation = Native::Conversation.viable_steps(seam.name, task.task_id, step_ids)
          ready = Host.converse(conversation, "StepReadinessStatus Load")
          Tasker::WorkflowStep.where(workflow_step_id: ready).includes(:named_step)
        end
      end
    end
  end
end
