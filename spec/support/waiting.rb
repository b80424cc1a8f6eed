# frozen_string_literal: true

# Time that passes for the database's rows, and jobs that come due, without anybody waiting.
module Waiting
  # Puts everything that steps wait from that far into the past.
  # @param task [Tasker::Task]
  # @param seconds [Numeric]
  def let_time_pass(task, seconds)
    steps = Tasker::WorkflowStep.where(task_id: task.task_id)
    steps.update_all(["last_attempted_at = last_attempted_at - make_interval(secs => ?)", seconds])
    Tasker::WorkflowStepTransition.where(workflow_step_id: steps.select(:workflow_step_id))
                                  .update_all(["created_at = created_at - make_interval(secs => ?)", seconds])
  end

  # @return [Array<Hash>] jobs of the engine for that task that nobody has run yet
  def jobs_of(task)
    ActiveJob::Base.queue_adapter.enqueued_jobs.select { |job| job[:job] == Tasker::TaskRunnerJob && job[:args].first == task.task_id }
  end

  # @return [Array<Float>] in how many seconds they are due; 0 for those that are due now
  def waits_of(task)
    jobs_of(task).map { |job| job[:at] ? job[:at] - Time.now.to_f : 0.0 }
  end

  # Takes a job from the queue and runs it.
  def run_job(job)
    ActiveJob::Base.queue_adapter.enqueued_jobs.delete(job)
    ActiveJob::Base.execute(job.reject { |key, _| key.is_a?(Symbol) })
  end

  def forget_jobs
    ActiveJob::Base.queue_adapter.enqueued_jobs.clear
  end
end
