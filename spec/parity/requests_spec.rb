# frozen_string_literal: true

require_relative "../rails_helper"

# The engine's controllers and its GraphQL schema.
RSpec.describe "The engine's interfaces", type: :request do
  include Requests

  before(:context) { Requests.number_rows }

  let(:workflow) { ShapeWorkflow.new(Shapes.mixed.with(name: "requested")) }

  # A task that has been created, or also run, for the length of one run of a comparison.
  def task(run: false)
    workflow.create.tap { |task| workflow.run(Tasker::Task.find(task.task_id)) if run }
  end

  def step_of(task, name) = task.workflow_steps.joins(:named_step).find_by!(tasker_named_steps: { name: })

  state = "TaskStateMachine#current_state"
  step_state = "StepStateMachine#current_state"

  describe "tasks" do
    [false, true].each do |run|
      it "are shown #{run ? "after" : "before"} they are run" do
        expect { task(run:).then { |task| ask(:get, "/tasks/#{task.task_id}", task) } }.to answer_alike.by(state, step_state)
      end

      it "are shown with their dependencies #{run ? "after" : "before"} they are run" do
        expect { task(run:).then { |task| ask(:get, "/tasks/#{task.task_id}?include_dependencies=true", task) } }.to answer_alike.by(state)
      end
    end

    it "are listed" do
      task = task(run: true)
      expect { ask(:get, "/tasks?limit=3&sort_by=task_id&sort_order=desc", task) }.to answer_alike.by(state)
    end

    it "are created" do
      params = { task: { name: "requested", namespace: "shapes", version: "1.0.0", context: { batch: 1 } } }
      expect { ask(:post, "/tasks", nil, **params) }.to answer_alike.by("WorkflowStep.get_steps_for_task")
      expect { ask(:post, "/tasks", nil, task: { name: "nobody", context: { batch: 1 } }) }.to answer_alike
      expect(response.status).to eq(400)
    end

    it "are changed" do
      expect { task.then { |task| ask(:patch, "/tasks/#{task.task_id}", task, task: { reason: "because" }) } }.to answer_alike.by(state)
    end

    it "are cancelled" do
      expect do
        task = task()
        [ask(:delete, "/tasks/#{task.task_id}", task), NormalizedRows.new(task).rows]
      end.to answer_alike.by("TaskStateMachine#transition_to!")
      expect { task.then { |task| 2.times { ask(:delete, "/tasks/#{task.task_id}") } } }
        .to answer_alike.raising(Statesman::TransitionFailedError)
      expect { ask(:delete, "/tasks/0") }.to answer_alike.raising(ActiveRecord::RecordNotFound)
    end
  end

  describe "steps" do
    it "are shown and listed" do
      expect { task(run: true).then { |task| ask(:get, "/tasks/#{task.task_id}/workflow_steps", task) } }.to answer_alike.by(step_state)
      expect do
        task = task()
        ask(:get, "/tasks/#{task.task_id}/workflow_steps/#{step_of(task, "e").id}", task)
      end.to answer_alike.by(step_state)
    end

    it "are changed" do
      expect do
        task = task()
        path = "/tasks/#{task.task_id}/workflow_steps/#{step_of(task, "e").id}"
        [ask(:patch, path, task, workflow_step: { retry_limit: 9, inputs: { mine: 1 } }), NormalizedRows.new(task).rows]
      end.to answer_alike.by(step_state)
    end

    it "are cancelled" do
      expect do
        task = task()
        [ask(:delete, "/tasks/#{task.task_id}/workflow_steps/#{step_of(task, "e").id}", task), NormalizedRows.new(task).rows]
      end.to answer_alike.by("StepStateMachine#transition_to!")
    end
  end

  describe "GraphQL" do
    fields = "taskId status complete workflowSteps { workflowStepId status attempts parentStepIds childStepIds isRootStep isLeafStep }"

    it "answers queries" do
      expect do
        task(run: true).then do |task|
          ask_graphql("{ tasks(limit: 1, sortBy: \"task_id\", sortOrder: \"desc\") { #{fields} } }", task)
        end
      end
        .to answer_alike.by(state, step_state)
      expect { task(run: true).then { |task| ask_graphql("{ tasksByStatus(status: \"complete\", limit: 2) { status } }", task) } }
        .to answer_alike
      expect do
        task = task()
        ask_graphql("{ step(taskId: #{task.task_id}, stepId: #{step_of(task, "e").id}) { status parents { status } } }", task)
      end.to answer_alike.by(step_state)
    end

    it "cancels a task, and a step" do
      expect do
        task = task()
        answer = ask_graphql("mutation { cancelTask(input: { taskId: #{task.task_id} }) { #{fields} } }", task)
        [answer, NormalizedRows.new(task).rows]
      end.to answer_alike.by("TaskStateMachine#transition_to!")
      expect do
        task = task()
        input = "taskId: #{task.task_id}, stepId: #{step_of(task, "a").id}"
        [ask_graphql("mutation { cancelStep(input: { #{input} }) { workflowStepId status } }", task), NormalizedRows.new(task).rows]
      end.to answer_alike.by("StepStateMachine#transition_to!")
    end

    it "changes a step" do
      expect do
        task = task()
        input = "taskId: #{task.task_id}, stepId: #{step_of(task, "a").id}, retryLimit: 7"
        ask_graphql("mutation { updateStep(input: { #{input} }) { workflowStepId retryLimit status } }", task)
      end.to answer_alike.by(step_state)
    end
  end

  it "reports health" do
    expect { ask(:get, "/health/ready").first }.to answer_alike
    expect { ask(:get, "/health/status").then { |status, body| [status, body["metrics"]&.slice("tasks", "steps", "retries")] } }
      .to answer_alike.by("FunctionBasedSystemHealthCounts.call")
  end

  it "shows a handler's graph" do
    workflow
    expect { ask(:get, "/handlers/shapes/requested?version=1.0.0") }.to answer_alike
  end

  it "sees what it has changed, within one request's query cache" do
    task = task()
    expect do
      step = step_of(task(), "a")
      Tasker::ApplicationRecord.cache do
        before = step.status
        step.state_machine.transition_to!("in_progress")
        [before, step.status, Tasker::StepReadinessStatus.for_task(step.task_id, [step.id]).first.current_state]
      end
    end.to answer_alike.by("StepStateMachine#transition_to!")
    expect(task).to be_persisted
  end
end
