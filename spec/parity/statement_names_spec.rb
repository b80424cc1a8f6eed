# frozen_string_literal: true

require_relative "../rails_helper"

# Statements have the names that the engine gives them, and a transition by itself costs what it costs.
RSpec.describe TaskerCore::Native::QueryRunner do
  functions = Tasker::Functions
  calls = {
    "readiness" => ->(task) { functions::FunctionBasedStepReadinessStatus.for_task(task.task_id) },
    "readiness of steps" => ->(task) { functions::FunctionBasedStepReadinessStatus.for_steps(task.task_id, task.workflow_steps.ids) },
    "readiness of tasks" => ->(task) { functions::FunctionBasedStepReadinessStatus.for_tasks([task.task_id]) },
    "a context" => ->(task) { functions::FunctionBasedTaskExecutionContext.find(task.task_id) },
    "contexts" => ->(task) { functions::FunctionBasedTaskExecutionContext.for_tasks([task.task_id]) },
    "levels" => ->(task) { functions::FunctionBasedDependencyLevels.for_task(task.task_id) },
    "health" => ->(_) { functions::FunctionBasedSystemHealthCounts.call },
    "metrics" => ->(_) { functions::FunctionBasedAnalyticsMetrics.call },
    "relationships" => ->(task) { Tasker::StepDagRelationship.where(task_id: task.task_id).to_a }
  }

  def names_of(&)
    sent = []
    note = ->(*, payload) { sent << (payload[:name] == "TRANSACTION" ? payload[:sql][/\w+/] : payload[:name]) }
    ActiveSupport::Notifications.subscribed(note, "sql.active_record", &)
    sent - ["SCHEMA"]
  end

  calls.each do |what, call|
    # Without the repair, the core looks first whether a step has been tried too often.
    it "names the statement for #{what} as the engine does", repairs: %i[backoff_overflow] do
      task = make_three_step_task
      call.call(task)
      names = nil
      expect { names = names_of { call.call(task) } }.to answer_alike
      expect(names.last).to end_with(" Load")
    end
  end

  it "names those for the slowest as the engine does, which fails at them" do
    [functions::FunctionBasedSlowestSteps, functions::FunctionBasedSlowestTasks].each do |type|
      off = names_of { TaskerCore.without { Outcome.of { type.call } } }
      on = with_repairs(:slowest) { names_of { type.call } }
      expect(on).to eq(off).and contain_exactly("#{type.name.demodulize.delete_prefix("FunctionBased")} Load")
    end
  end

  # Beside what the core asks and writes, the engine's own code reads what it tells in an event.
  {
    "step" => ["step.failed", "WorkflowStepTransition Load",
               ["Tasker::NamedStep Load", "Tasker::WorkflowStep Load", "Tasker::Task Load", "Tasker::NamedStep Load"], []],
    "task" => ["task.failed", "TaskTransition Load", ["Tasker::NamedTask Load"], ["Tasker::TaskTransition Load"]]
  }.each do |kind, (event, core, told, looked_at)|
    describe "a transition of a #{kind} by itself" do
      let!(:machine) do
        task = make_task("in_progress")
        (kind == "task" ? task : Tasker::WorkflowStep.find(make_step(task, "b", "in_progress").id)).state_machine
      end

      it "is one statement, and no transaction, without listeners" do
        expect(names_of { machine.transition_to!("error") }).to eq([core, *told])
      end

      # Who listens to a task is told before its rows are written, too; so it is asked first whether they will be.
      it "is a write in a transaction with a listener" do
        names = nil
        EventRecorder.subscribed([event]) { names = names_of { machine.transition_to!("error") } }
        expect(names).to eq([*(core if looked_at.any?), "BEGIN", *looked_at, core, *told, "COMMIT"])
      end
    end
  end
end
