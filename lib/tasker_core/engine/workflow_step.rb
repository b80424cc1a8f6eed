# frozen_string_literal: true

module TaskerCore
  module Engine
    # Class methods of `WorkflowStep` about the steps of a task.
    module WorkflowStep
      def get_steps_for_task(task, templates)
        Override["WorkflowStep.get_steps_for_task"].change(self, task, templates) do |override|
          StepSequence.new(self, task, templates, override).steps || Override::DECLINED
        end
      end

      # The steps of a sequence that may be run now, as a relation.
      def get_viable_steps(task, sequence)
        Override["WorkflowStep.get_viable_steps"].ask(self, task, sequence) do |override|
          step_ids = sequence.steps.map(&:workflow_step_id)
          next Override::DECLINED unless Native::Ids.id?(task.task_id) && Native::Ids.list?(step_ids)
          next Override::DECLINED unless Stock::ReadinessChain.stock?

          survey = Run.current&.outlook(task.task_id)
          survey ? surveyed_steps(override, survey, step_ids) : ready_steps(override, task.task_id, step_ids)
        end
      end

      def task_completion_stats(task)
        Override["WorkflowStep.task_completion_stats"].ask(self, task) do |override|
          next Override::DECLINED unless Native::Ids.id?(task.task_id)

          total, completed, failed, pending, latest, all = completion_counts(override, task.task_id)
          { total_steps: total, completed_steps: completed, failed_steps: failed, pending_steps: pending,
            latest_completion_time: Native::TimestampCodec.to_time(latest)&.in_time_zone, all_complete: all }
        end
      end

      private

      def ready_steps(override, task_id, step_ids)
        return Override::DECLINED if Fixes::BackoffOverflow.in_tasks?([task_id])

        ready = Native::QueryRunner.run(Native::Conversation.viable_steps(override.name, task_id, step_ids), "StepReadinessStatus Load")
        Tasker::WorkflowStep.where(workflow_step_id: ready.map(&:first)).includes(:named_step)
      end

      # The same relation, loaded.
      def surveyed_steps(override, survey, step_ids)
        override.answered
        ids = survey.ready_among(step_ids)
        relation = Tasker::WorkflowStep.where(workflow_step_id: ids).includes(:named_step)
        relation.send(:load_records, Records::NamedSteps.attach(survey.steps(ids), Run.current)) if ids.any?
        relation
      end

      def completion_counts(override, task_id)
        survey = Run.current&.survey(task_id)
        override.answered if survey
        survey&.statistics ||
          Native::QueryRunner.run(Native::Conversation.completion_statistics(override.name, task_id), "WorkflowStep Count")
      end
    end
  end
end
