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

          survey = Run.current&.outlook(task.task_id)
          survey ? surveyed_steps(seam, survey, step_ids) : ready_steps(seam, task.task_id, step_ids)
        end
      end

      def task_completion_stats(task)
        Seam["WorkflowStep.task_completion_stats"].ask(self, task) do |seam|
          next Seam::DECLINED unless Ids.id?(task.task_id)

          total, completed, failed, pending, latest, all = completion_counts(seam, task.task_id)
          { total_steps: total, completed_steps: completed, failed_steps: failed, pending_steps: pending,
            latest_completion_time: Instant.to_time(latest)&.in_time_zone, all_complete: all }
        end
      end

      private

      def ready_steps(seam, task_id, step_ids)
        return Seam::DECLINED if Repairs::BackoffOverflow.in_tasks?([task_id])

        ready = Host.converse(Native::Conversation.viable_steps(seam.name, task_id, step_ids), "StepReadinessStatus Load")
        Tasker::WorkflowStep.where(workflow_step_id: ready.map(&:first)).includes(:named_step)
      end

      # The same relation, loaded.
      def surveyed_steps(seam, survey, step_ids)
        seam.answered
        ids = survey.ready_among(step_ids)
        relation = Tasker::WorkflowStep.where(workflow_step_id: ids).includes(:named_step)
        relation.send(:load_records, NamedSteps.attach(survey.steps(ids), Run.current)) if ids.any?
        relation
      end

      def completion_counts(seam, task_id)
        survey = Run.current&.survey(task_id)
        seam.answered if survey
        survey&.statistics ||
          Host.converse(Native::Conversation.completion_statistics(seam.name, task_id), "WorkflowStep Count")
      end
    end
  end
end
