# frozen_string_literal: true

require_relative "../rails_helper"

# Web requests and jobs run with ActiveRecord's query cache on. What the core has written must be seen by whatever is asked next.
RSpec.describe "The query cache" do
  def cached(&) = Tasker::ApplicationRecord.cache(&)

  # What anybody could ask about a task; each question is one that the cache may answer.
  def look(task)
    steps = Tasker::WorkflowStep.where(task_id: task.id).order(:workflow_step_id).to_a
    { task: Tasker::Task.find(task.id).attributes.except("updated_at"), state: Tasker::Task.find(task.id).status,
      steps: steps.map { |step| [step.name, step.status, step.attempts, step.processed, step.results] },
      parents: steps.map { |step| step.parents.map(&:name).sort }, **histories(task, steps), **answers(task) }
  end

  def histories(task, steps)
    { edges: Tasker::WorkflowStepEdge.where(from_step_id: steps).count,
      transitions: Tasker::WorkflowStepTransition.where(workflow_step_id: steps).order(:id).pluck(:to_state, :most_recent),
      task_transitions: Tasker::TaskTransition.where(task_id: task.id).order(:id).pluck(:to_state, :most_recent) }
  end

  def answers(task)
    { readiness: Tasker::StepReadinessStatus.for_task(task.id).map { |row| [row.name, row.current_state, row.ready_for_execution] }.sort,
      context: Tasker::TaskExecutionContext.find(task.id)&.attributes&.slice("total_steps", "completed_steps", "ready_steps", "status"),
      levels: Tasker::Functions::FunctionBasedDependencyLevels.levels_hash_for_task(task.id).values.sort }
  end

  executor = Tasker::Orchestration::StepExecutor.new
  changes = {
    "StepStateMachine#transition_to!" => ->(_, step) { step.state_machine.transition_to!("error") },
    "StepStateMachine#transition_to" => ->(_, step) { step.state_machine.transition_to("cancelled") },
    "TaskStateMachine#transition_to!" => ->(task, _) { task.state_machine.transition_to!("error") },
    "StepExecutor#complete_step_execution" => lambda do |task, step|
      step.results = { "done" => true }
      executor.send(:complete_step_execution, task, step)
    end,
    "StepExecutor#complete_error_step_execution" => lambda do |task, step|
      # Without an attempt left, so that no backoff ends while one looks.
      step.assign_attributes(results: { "error" => "no" }, attempts: 3, last_attempted_at: Time.current)
      executor.send(:complete_error_step_execution, task, step)
    end
  }

  changes.each do |override, change|
    it "shows what #{override} has written" do
      seen = nil
      expect do
        task = make_three_step_task
        step = make_step(task, "d", "in_progress", attempts: 3)
        cached do
          seen = [look(task), change.call(task, Tasker::WorkflowStep.find(step.id)) && nil, look(task)]
                 .compact.map { |view| view.merge(task: view[:task].except("task_id", "created_at", "requested_at", "identity_hash")) }
        end
      end.to answer_alike.by(override)
      expect(seen.last).not_to eq(seen.first)
    end
  end

  it "shows the end of a task" do
    seen = nil
    expect do
      task = make_task("in_progress").tap { |made| make_step(made, "a", "complete") }
      cached do
        seen = [look(task), Tasker::Orchestration::TaskFinalizer.new.complete_task(Tasker::Task.find(task.id), nil) && nil, look(task)]
               .compact.map { |view| [view[:task]["complete"], view[:state], view[:task_transitions]] }
      end
    end.to answer_alike.by("TaskFinalizer#complete_task")
    expect(seen.map(&:first)).to eq([false, true])
  end

  it "shows steps and edges that were made, and what they may do" do
    workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "cached_sequence"))
    named_task_id = workflow.create.named_task_id
    seen = nil
    expect do
      task = make_task("in_progress", named_task_id:)
      cached do
        seen = [look(task), workflow.handler.get_sequence(Tasker::Task.find(task.id)) && nil, look(task)]
               .compact.map { |view| view.slice(:steps, :edges, :readiness, :levels, :parents) }
      end
    end.to answer_alike.by("WorkflowStep.get_steps_for_task")
    expect(seen.map { |view| view[:edges] }).to eq([0, 4])
  end

  it "does not keep whole workflows from going on, and shows their end" do
    workflow = ShapeWorkflow.new(Shapes.mixed)
    shown = nil
    expect do
      cached do
        task = workflow.create
        before = look(task)
        workflow.run(Tasker::Task.find(task.id))
        shown = [before, look(task)].map { |view| view.except(:task, :transitions) }
      end
    end.to answer_alike
    expect(shown.map { |view| view[:state] }).to eq(%w[pending complete])
    expect(shown.last[:steps].map(&:second)).to all(eq("complete"))
  end

  it "gives a cached answer, as the engine's function would, until something is written" do
    expect do
      task = make_three_step_task
      cached do
        first = Tasker::StepReadinessStatus.for_task(task.id).sort_by(&:workflow_step_id).map(&:current_state)
        count = count_queries { Tasker::StepReadinessStatus.for_task(task.id) }
        [first, count]
      end
    end.to answer_alike.by("FunctionBasedStepReadinessStatus.for_task")
  end
end
