# frozen_string_literal: true

module TaskerCore
  module Backing
    # Class methods of `WorkflowStep` about the steps of a task.
    module TaskSteps
      def get_steps_for_task(task, templates)
        Seam["WorkflowStep.get_steps_for_task"].change(self, task, templates) do |seam|
          StepSequence.new(self, task, templates, seam).steps || Seam::DECLINED
        end
      end

      # The steps of a sequence that may be run now, as a relation.
      def get_viable_steps(task, sequence)
        Seam["WorkflowStep.get_viable_steps"].ask(self, task, sequence) do |seam|
          step_ids = sequence.steps.map(&:workflow_step_id)
          next Seam::DECLINED unless Ids.id?(task.task_id) && Ids.list?(step_ids)
          next Seam::DECLINED unless ReadinessChain.intact?

          conversation = Native::Conversation.viable_steps(seam.name, task.task_id, step_ids)
          viable = Host.converse(conversation, "StepReadinessStatus Load")
          relation = Tasker::WorkflowStep.where(workflow_step_id: viable.map(&:first))
          run = Run.current
          run ? load_for_run(run, relation, viable) : relation.includes(:named_step)
        end
      end

      def task_completion_stats(task)
        Seam["WorkflowStep.task_completion_stats"].ask(self, task) do |seam|
          next Seam::DECLINED unless Ids.id?(task.task_id)

          conversation = Native::Conversation.completion_statistics(seam.name, task.task_id)
          total, completed, failed, pending, latest, all = Host.converse(conversation, "WorkflowStep Count")
          { total_steps: total, completed_steps: completed, failed_steps: failed, pending_steps: pending,
            latest_completion_time: Instant.to_time(latest)&.in_time_zone, all_complete: all }
        end
      end

      private

      def load_for_run(run, relation, viable)
        viable.each { |step_id, state| run.learn("step", step_id, state) }
        return relation.includes(:named_step) if viable.empty?

        relation.load
        NamedSteps.attach(relation.records, run)
        relation
      end
    end
  end
end
