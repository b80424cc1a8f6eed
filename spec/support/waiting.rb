# frozen_string_literal: true

# Time that passes for the database's rows, jobs that come due, and what other threads and processes do.
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

  # @return [Array<Hash>] jobs of the engine for that task that have not run yet
  def jobs_of(task)
    ActiveJob::Base.queue_adapter.enqueued_jobs.select { |job| job[:job] == Tasker::TaskRunnerJob && job[:args].first == task.task_id }
  end

  # @return [Array<Float>] how many seconds after they were enqueued they are due; 0 for those that are due at once
  def waits_of(task)
    jobs_of(task).map { |job| job[:at] ? job[:at] - Time.iso8601(job["enqueued_at"]).to_f : 0.0 }
  end

  # Takes a job from the queue and runs it.
  def run_job(job)
    ActiveJob::Base.queue_adapter.enqueued_jobs.delete(job)
    ActiveJob::Base.execute(job.reject { |key, _| key.is_a?(Symbol) })
  end

  def forget_jobs
    ActiveJob::Base.queue_adapter.enqueued_jobs.clear
  end

  # Polls until the block is true. The deadline is far beyond what any machine takes: it only ends examples that would wait for ever.
  # @param what [String] for the error
  # @return [Object] what the block has returned
  # @raise [RuntimeError] after that many seconds
  def eventually(what, seconds = 60)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until (result = yield)
      raise "expected #{what} within #{seconds} s" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      IO.select(nil, nil, nil, 0.001)
    end
    result
  end
end
