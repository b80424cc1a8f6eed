# frozen_string_literal: true

require_relative "../rails_helper"

# Rounds that are told to nobody. Whole workflows of that kind are compared in spec/parity/workflows_spec.rb.
RSpec.describe TaskerCore::Frames::Rounds do
  include TelemetrySettings
  include WorkflowRuns

  let(:workflow) { ShapeWorkflow.new(Shapes.diamond) }

  # @return [Array<Hash>] each line of a kind with what does not vary, in order
  def told(message, level: :info)
    LogRecorder.lines(level:) { workflow.run(workflow.create) }.grep(/"message":"#{message}/).map do |line|
      fields = JSON.parse(line)
      fields.except("timestamp", "correlation_id", "process_id", "thread_id", "task_id", "step_id", "duration_ms", "performance_category")
            .merge("keys" => fields.keys)
    end
  end

  it "say what takes long, as the engine does" do
    with_telemetry(slow_query_threshold_seconds: -1.0)
    allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(1)
    expect { told("Performance measurement") }.to answer_alike
    operations = told("Performance measurement").map { |fields| fields["operation"] }
    expect(operations).to include(
      "viable_step_discovery", "step_batch_execution", "concurrent_execution", "error_blocking_check", "single_step_execution"
    )
  end

  it "say everything where the log wants everything" do
    with_telemetry(log_level: "debug")
    allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(1)
    expect { told("Orchestration", level: :debug) }.to answer_alike
    expect(told("Orchestration", level: :debug).size).to be > 20
  end

  it "end where the task is blocked, and say so" do
    failing = ShapeWorkflow.new(Shapes.failing)
    expect { run_of(failing, listen: :nowhere) }.to answer_alike
  end

  {
    "ViableStepDiscovery#find_viable_steps" => ["Tasker::Orchestration::ViableStepDiscovery", :find_viable_steps],
    "an executor's words" => ["Tasker::Orchestration::StepExecutor", :log_orchestration_event],
    "a coordinator's events" => ["Tasker::Orchestration::WorkflowCoordinator", :publish_viable_steps_discovered]
  }.each do |words, (owner, name)|
    it "call #{words} where it was replaced" do
      calls = 0
      allow_any_instance_of(owner.constantize).to(receive(name).and_wrap_original do |original, *arguments, **keywords|
        calls += 1
        original.call(*arguments, **keywords)
      end)
      workflow.run(workflow.create)
      expect(calls).to be_positive
    end
  end

  {
    "BlockageChecker.blocked_by_errors?" => ["Tasker::Orchestration::TaskFinalizer::BlockageChecker", :blocked_by_errors?],
    "ContextManager.get_task_execution_context" => ["Tasker::Orchestration::TaskFinalizer::ContextManager", :get_task_execution_context],
    "FunctionBasedTaskExecutionContext.find" => ["Tasker::Functions::FunctionBasedTaskExecutionContext", :find],
    "WorkflowStep.get_viable_steps" => ["Tasker::WorkflowStep", :get_viable_steps]
  }.each do |words, (owner, name)|
    it "call #{words} where it was replaced" do
      allow(owner.constantize).to receive(name).and_call_original
      workflow.run(workflow.create)
      expect(owner.constantize).to have_received(name).at_least(3).times
    end
  end

  { "a method" => :publish_steps_execution_started, "a private method" => :publish_event_with_logging }.each do |words, name|
    it "call #{words} of one executor where it was replaced" do
      handler = workflow.handler
      executor = handler.send(:step_executor)
      told = []
      allow(executor).to receive(name).and_wrap_original do |original, *arguments, **keywords, &block|
        told << arguments.first
        original.call(*arguments, **keywords, &block)
      end
      handler.handle(workflow.create)
      expect(told.size).to be >= 3
    end
  end

  # The engine finds a failed step whose wait is over, does nothing with it, and finds it again.
  it "see what others have done, when no step of theirs has moved" do
    expect do
      task = workflow.create
      step = failed_long_ago(task.workflow_steps.find { |one| one.name == "start" })
      rounds = 0
      allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps) do
        rounds += 1
        raise "expected the step to be seen that was resolved in round 3, got round #{rounds}" if rounds > 20

        resolve_past_the_core(step) if rounds == 3
        3
      end
      workflow.run(Tasker::Task.find(task.task_id))
      [rounds, Portrait.new(task).rows]
    end.to answer_alike
  end

  def failed_long_ago(step)
    %w[in_progress error].each { |state| step.state_machine.transition_to!(state) }
    step.update!(attempts: 1, last_attempted_at: 1.hour.ago)
    Tasker::WorkflowStepTransition.where(workflow_step_id: step.id).update_all(created_at: 1.hour.ago)
    step
  end

  def resolve_past_the_core(step)
    Tasker::WorkflowStepTransition.where(workflow_step_id: step.id, to_state: "error").update_all(to_state: "resolved_manually")
  end

  it "stop short of the engine's own code only while nobody listens" do
    counts = %i[nowhere subscribed].map do |listen|
      calls = 0
      trace = TracePoint.new(:call) { |call| calls += 1 if call.defined_class == Tasker::Orchestration::ViableStepDiscovery }
      trace.enable { run_of(workflow, listen:) }
      calls
    end
    expect(counts.first).to eq(0)
    expect(counts.last).to be_positive
  end
end
