# frozen_string_literal: true

require_relative "../rails_helper"

# A stub that calls the original reaches what stands there: with the gem on, Rust answers through it.
RSpec.describe TaskerCore::Override do
  functions = Tasker::Functions
  statuses = functions::FunctionBasedStepReadinessStatus
  plain = ->(answer) { Array(answer).map { |one| one.respond_to?(:to_h) ? one.to_h : one } }

  # By override: who is stubbed, where by any instance; and what is asked, with an answer that can be compared.
  overrides = {
    "FunctionBasedStepReadinessStatus.for_task" => [statuses, ->(_, task) { plain.call(statuses.for_task(task.task_id)).size }],
    "FunctionBasedTaskExecutionContext.find" => [
      functions::FunctionBasedTaskExecutionContext, ->(type, task) { type.find(task.task_id).execution_status }
    ],
    "FunctionBasedDependencyLevels.for_task" => [
      functions::FunctionBasedDependencyLevels, ->(type, task) { type.for_task(task.task_id).map(&:dependency_level) }
    ],
    "FunctionBasedSystemHealthCounts.call" => [functions::FunctionBasedSystemHealthCounts, ->(type, _) { type.call.class }],
    "FunctionBasedAnalyticsMetrics.call" => [functions::FunctionBasedAnalyticsMetrics, ->(type, _) { type.call(1.hour.ago).class }],
    "WorkflowStep.task_completion_stats" => [Tasker::WorkflowStep, ->(type, task) { type.task_completion_stats(task)[:total_steps] }],
    "WorkflowStepEdge.siblings_of" => [Tasker::WorkflowStepEdge, ->(type, task) { type.siblings_of(task.workflow_steps.last).to_a }]
  }
  instances = {
    "WorkflowStepEdge#ensure_no_cycles!" => [
      Tasker::WorkflowStepEdge, ->(task) { task.workflow_steps.order(:workflow_step_id).then { |steps| steps[0].add_provides_edge!(steps[2]).name } }
    ],
    "TaskStateMachine#allowed_transitions" => [Tasker::StateMachine::TaskStateMachine, ->(task) { task.state_machine.allowed_transitions }],
    "StepStateMachine#transition_to!" => [
      Tasker::StateMachine::StepStateMachine, ->(task) { task.workflow_steps.order(:workflow_step_id)[1].state_machine.transition_to!("error") }
    ],
    "RuntimeGraphAnalyzer#build_dependency_graph" => [
      Tasker::Analysis::RuntimeGraphAnalyzer, ->(task) { task.runtime_analyzer.analyze[:dependency_graph][:nodes].size }
    ],
    "TaskFinalizer#complete_task" => [
      Tasker::Orchestration::TaskFinalizer,
      lambda do |task|
        task.workflow_steps.each { |step| make_history(step, "complete", sort_keys: [90]) if step.status != "complete" }
        Tasker::Orchestration::TaskFinalizer.new.complete_task(task, nil)
        task.status
      end
    ]
  }

  # Counts the calls of one example's two runs.
  def through(receiver, calls)
    receiver.and_wrap_original do |original, *arguments|
      calls << arguments.size
      original.call(*arguments)
    end
  end

  overrides.each do |name, (type, ask)|
    it "answers through a stub of #{name}" do
      calls = []
      allow(type).to through(receive(name.split(".").last), calls)
      called = nil
      expect { [ask.call(type, make_three_step_task), called = calls.slice!(0..)] }.to answer_alike.by(name)
      expect(called).not_to be_empty
    end

    it "is met when #{name} is expected to be called, and to call the original" do
      expect(type).to receive(name.split(".").last).and_call_original
      expect { ask.call(type, make_three_step_task) }.not_to raise_error
    end
  end

  instances.each do |name, (type, ask)|
    it "answers through a stub of any instance, #{name}" do
      calls = []
      allow_any_instance_of(type).to through(receive(name.split("#").last), calls)
      called = nil
      expect { [instance_exec(make_three_step_task, &ask), called = calls.slice!(0..)] }.to answer_alike.by(name)
      expect(called).not_to be_empty
    end
  end
end
