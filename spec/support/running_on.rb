# frozen_string_literal: true

# What an operator does with a workflow that was cut short: steps that were left as running are tried again, and the task is run.
module RunningOn
  class << self
    # @param workflow [ShapeWorkflow]
    # @param task [Tasker::Task]
    def run_on(workflow, task)
      task = Tasker::Task.find(task.task_id)
      return if task.status == "complete"

      task.workflow_steps.each { |step| try_again(step) }
      workflow.run(ready(task))
    end

    private

    def try_again(step)
      step.state_machine.transition_to!("error") if step.status == "in_progress"
      step.state_machine.transition_to!("pending") if step.status == "error"
      step.update_columns(attempts: 0, last_attempted_at: nil)
    end

    # The engine runs tasks that are pending.
    def ready(task)
      task.state_machine.transition_to!("error") if task.status == "in_progress"
      task.state_machine.transition_to!("pending") if task.status == "error"
      Tasker::Task.find(task.task_id)
    end
  end
end
