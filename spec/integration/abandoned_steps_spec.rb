# frozen_string_literal: true

require_relative "../rails_helper"

# Steps whose process was killed. The engine has nothing that takes them up, and the gem cannot tell such a step from one that is being
# run elsewhere.
RSpec.describe "An abandoned step" do
  # Step `b` of a task whose handler does that, and runs as ever once the task is run again.
  def workflow_in_which_b(name, &)
    ScriptedWorkflow.new(name, { "b" => ->(*) { @done ? { "step" => "b" } : yield } })
  end

  # What can be seen of a task, and whether anybody could go on with it.
  def situation(workflow, task)
    fresh = Tasker::Task.find(task.id)
    steps = Tasker::WorkflowStep.where(task_id: task.id).order(:workflow_step_id).to_a
    { rows: NormalizedRows.new(fresh).rows, task: fresh.status, steps: steps.to_h { |step| [step.name, step.status] },
      execution: Tasker::TaskExecutionContext.find(task.id).execution_status, jobs: jobs_of(task).size,
      viable: Tasker::WorkflowStep.get_viable_steps(fresh, workflow.handler.get_sequence(fresh)).map(&:name) }
  end

  def again(workflow, task)
    outcome = Outcome.of { workflow.run(Tasker::Task.find(task.id)) }
    outcome.error && outcome.error[:class]
  end

  # What an operator does who knows that nobody runs the step any more.
  def take_up(workflow, task)
    step = Tasker::WorkflowStep.where(task_id: task.id).find(&:in_progress?)
    %w[error pending].each { |state| step.state_machine.transition_to!(state) }
    fresh = Tasker::Task.find(task.id)
    fresh.state_machine.transition_to!("pending") unless fresh.status == "pending"
    workflow.run(Tasker::Task.find(task.id))
    Tasker::Task.find(task.id).status
  end

  before do
    @done = false
    forget_jobs
  end

  describe "whose process was killed" do
    # Runs the task in a child that is killed amid step `b`.
    def killed(name)
      workflow = workflow_in_which_b(name) { Process.kill(:KILL, Process.pid) && Thread.stop }
      task = workflow.create
      forget_jobs
      child = fork do
        workflow.run(Tasker::Task.find(task.id))
        exit!(1)
      end
      _, status = Process.wait2(child)
      expect(status.termsig).to eq(Signal.list["KILL"])
      [workflow, task]
    end

    it "is in progress for ever, and its task cannot be run again" do
      now = nil
      expect do
        workflow, task = killed("killed")
        now = situation(workflow, task)
        [now, again(workflow, task), situation(workflow, task) == now]
      end.to answer_alike
      expect(now).to include(task: "in_progress", execution: "processing", viable: [], jobs: 0)
      expect(now[:steps]).to eq("a" => "complete", "b" => "in_progress", "c" => "pending", "d" => "pending", "e" => "pending")
    end

    it "can be taken up by hand" do
      expect do
        workflow, task = killed("killed_and_mended")
        @done = true
        take_up(workflow, task).tap { @done = false }
      end.to answer_alike
    end
  end
end
