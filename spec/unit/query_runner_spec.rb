# frozen_string_literal: true

require_relative "../rails_helper"

# Questions and changes run on the engine's own connection, by the rules that hold for any other statement there.
RSpec.describe TaskerCore do
  describe "on a connection that must not write" do
    def preventing_writes(&) = ActiveRecord::Base.while_preventing_writes(&)

    it "refuses transitions as the engine does, and writes nothing" do
      steps = [make_step(make_task, "b"), make_task]
      steps.each do |owner|
        expect { preventing_writes { owner.state_machine.transition_to!("error") } }
          .to answer_alike.raising(ActiveRecord::ReadOnlyError).whatever_the_message
        expect { preventing_writes { owner.state_machine.transition_to("error") } }
          .to answer_alike.raising(ActiveRecord::ReadOnlyError).whatever_the_message
        expect(owner.class.find(owner.id).status).to eq("pending")
      end
    end

    it "answers questions, and refuses what is not possible anyhow" do
      step = make_step(make_task("in_progress"), "b", "error", attempts: 3)
      expect do
        preventing_writes do
          [step.status, step.state_machine.allowed_transitions, step.state_machine.can_transition_to?("pending"),
           Outcome.of { step.state_machine.transition_to!("complete") }, Tasker::StepReadinessStatus.for_task(step.task_id).map(&:to_h),
           Tasker::TaskExecutionContext.find(step.task_id).attributes]
        end
      end.to answer_alike.by("StepStateMachine#current_state")
    end
  end

  describe "inside a transaction" do
    it "sees what is not committed, and takes part in the rollback" do
      task = make_three_step_task
      step = task.workflow_steps.order(:workflow_step_id).second
      Tasker::ApplicationRecord.transaction do
        step.state_machine.transition_to!("in_progress")
        expect([step.status, Tasker::StepReadinessStatus.in_progress_for_task(task.task_id).map(&:name)]).to eq(["in_progress", ["b"]])
        raise ActiveRecord::Rollback
      end
      expect(step.status).to eq("pending")
    end

    it "begins a transaction that was only announced so far" do
      step = make_step(make_task, "b")
      Tasker::ApplicationRecord.transaction do
        step.state_machine.transition_to!("in_progress")
        raise ActiveRecord::Rollback
      end
      expect(step.status).to eq("pending")
    end
  end

  describe "with the query cache on" do
    it "clears it after a transition" do
      step = make_step(make_task, "b")
      seen = Tasker::ApplicationRecord.cache do
        rows = -> { step.class.find(step.id).workflow_step_transitions.pluck(:to_state) }
        [rows.call, step.state_machine.transition_to!("in_progress"), rows.call, step.status,
         Tasker::StepReadinessStatus.for_task(step.task_id).map(&:current_state)]
      end
      expect(seen).to eq([[], true, ["in_progress"], "in_progress", ["in_progress"]])
    end

    it "does not take an old answer for the state, after another session has written" do
      step = make_step(make_task, "b")
      other = Tasker::WorkflowStep.find(step.id)
      Tasker::ApplicationRecord.cache do
        expect(step.state_machine.can_transition_to?("in_progress")).to be(true)
        Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { other.state_machine.transition_to!("in_progress") } }.join
        expect { step.state_machine.transition_to!("in_progress") }.to raise_error(Statesman::TransitionFailedError)
      end
    end
  end

  describe "the statements" do
    it "have names for log subscribers", repairs: %i[backoff_overflow] do
      names = []
      note = ->(*, payload) { names << payload[:name] unless payload[:name] == "SCHEMA" }
      task = make_three_step_task
      ActiveSupport::Notifications.subscribed(note, "sql.active_record") do
        Tasker::StepReadinessStatus.for_task(task.task_id)
        Tasker::TaskExecutionContext.find(task.task_id)
        Tasker::Functions::FunctionBasedDependencyLevels.for_task(task.task_id)
      end
      expect(names).to eq(["StepReadinessStatus Load", "TaskExecutionContext Load", "DependencyLevels Load"])
    end

    it "are one for each question", repairs: %i[backoff_overflow] do
      task = make_three_step_task
      step = task.workflow_steps.order(:workflow_step_id).second
      machine = Tasker::WorkflowStep.find(step.id).state_machine
      questions = [
        -> { machine.current_state },
        -> { machine.can_transition_to?("in_progress") },
        -> { machine.allowed_transitions },
        -> { Tasker::StepReadinessStatus.for_task(task.task_id) },
        -> { Tasker::StepReadinessStatus.for_tasks([task.task_id]) },
        -> { Tasker::TaskExecutionContext.find(task.task_id) },
        -> { Tasker::TaskExecutionContext.for_tasks([task.task_id]) },
        -> { Tasker::Functions::FunctionBasedDependencyLevels.for_task(task.task_id) }
      ]
      expect(questions.map { |question| count_queries(&question) }).to all(eq(1))
    end

    it "are fewer for a transition than the engine's" do
      { ["in_progress"] => "error", [] => "in_progress", ["error"] => "pending" }.each do |from, to|
        off, on = off_and_on do
          step = Tasker::WorkflowStep.find(make_step(make_task, "b", *from).id)
          count_queries { step.state_machine.transition_to!(to) }
        end
        expect(on.value).to be < off.value
      end
    end
  end
end
