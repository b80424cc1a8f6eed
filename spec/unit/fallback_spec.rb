# frozen_string_literal: true

require_relative "../rails_helper"

# Answers of the database that the core does not know, as after a change of the schema: questions are the engine's to answer then.
RSpec.describe TaskerCore do
  let(:task) { make_three_step_task }
  let(:step) { task.workflow_steps.order(:workflow_step_id).second }

  # Whatever is not the engine's SQL is answered with nonsense.
  def with_nonsense
    connection = Tasker::ApplicationRecord.connection
    nonsense = ActiveRecord::Result.new(%w[a b c], [[:what, "is", 1.5]])
    own = /get_step_readiness_status|get_task_execution_context|calculate_dependency_levels|\A(SELECT|UPDATE|INSERT) .*"tasker_/m
    %i[select_all exec_query].each do |method|
      allow(connection).to receive(method).and_wrap_original do |original, sql, *rest, **options|
        !sql.is_a?(String) || sql.match?(own) ? original.call(sql, *rest, **options) : nonsense
      end
    end
    yield
  end

  def log_of
    output = StringIO.new
    logger = ActiveSupport::Logger.new(output)
    Rails.logger.broadcast_to(logger)
    yield
    output.string.lines
  ensure
    Rails.logger.stop_broadcasting_to(logger)
  end

  {
    "FunctionBasedStepReadinessStatus.for_task" =>
      ->(task, _) { Tasker::StepReadinessStatus.for_task(task.task_id).map(&:to_h).sort_by { _1[:workflow_step_id] } },
    "FunctionBasedStepReadinessStatus.for_tasks" =>
      ->(task, _) { Tasker::StepReadinessStatus.for_tasks([task.task_id]).map(&:to_h).sort_by { _1[:workflow_step_id] } },
    "FunctionBasedTaskExecutionContext.find" => ->(task, _) { Tasker::TaskExecutionContext.find(task.task_id).attributes },
    "FunctionBasedTaskExecutionContext.for_tasks" =>
      ->(task, _) { Tasker::TaskExecutionContext.for_tasks([task.task_id]).map(&:attributes) },
    "FunctionBasedDependencyLevels.for_task" =>
      ->(task, _) { Tasker::Functions::FunctionBasedDependencyLevels.levels_hash_for_task(task.task_id) },
    "WorkflowStep.get_viable_steps" =>
      ->(task, step) { Tasker::WorkflowStep.get_viable_steps(task, Struct.new(:steps).new([step])).to_a },
    "StepStateMachine#current_state" => ->(_, step) { step.state_machine.current_state },
    "StepStateMachine#can_transition_to?" => ->(_, step) { step.state_machine.can_transition_to?("in_progress") },
    "StepStateMachine#allowed_transitions" => ->(_, step) { step.state_machine.allowed_transitions }
  }.each do |override, question|
    it "lets the engine answer for #{override}, and says so in one line" do
      expected = described_class.without { question.call(task, step) }
      answer = nil
      lines = log_of { answer = with_nonsense { question.call(task, step) } }.grep(/tasker-core/)
      expect(answer).to eq(expected)
      expect(lines.grep(/tasker-core: #{Regexp.escape(override)} fell back/))
        .to contain_exactly(match(/TaskerCore::DecodeError: .*expected/))
    end
  end

  # @return [Hash] of the event, told while the engine answers in the place of the core
  def payload_of_fallback(&)
    told = []
    ActiveSupport::Notifications.subscribed(->(*, payload) { told << payload }, "fallback.tasker_core") { with_nonsense(&) }
    expect(told.size).to eq(1)
    told.first
  end

  it "publishes fallback.tasker_core" do
    payload = payload_of_fallback { step.state_machine.current_state }
    expect(payload).to include(method: "StepStateMachine#current_state", error: an_instance_of(TaskerCore::DecodeError))
  end

  it "answers with the engine's code though a monitor fails" do
    answer = nil
    lines = log_of do
      ActiveSupport::Notifications.subscribed(->(*) { raise "no pager" }, "fallback.tasker_core") do
        answer = with_nonsense { step.state_machine.current_state }
      end
    end
    expect(answer).to eq("pending")
    expect(lines.grep(/tasker-core: a subscriber to fallback.tasker_core failed: .*no pager/).size).to eq(1)
  end

  it "raises for a transition: what has been written is not known" do
    expect { with_nonsense { step.state_machine.transition_to!("in_progress") } }.to raise_error(TaskerCore::DecodeError)
    expect { with_nonsense { task.state_machine.transition_to("error") } }.to raise_error(TaskerCore::DecodeError)
  end

  it "leaves an open transaction usable" do
    Tasker::ApplicationRecord.transaction do
      expect { with_nonsense { step.state_machine.transition_to!("in_progress") } }.to raise_error(TaskerCore::DecodeError)
      RSpec::Mocks.space.reset_all
      expect(step.status).to eq("pending")
      expect(step.state_machine.transition_to!("in_progress")).to be(true)
    end
  end
end
