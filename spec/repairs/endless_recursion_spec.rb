# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "The repair endless_recursion" do
  # Steps b and c wait for each other, behind a.
  let(:task) do
    make_three_step_task.tap do |made|
      _, b, c = made.workflow_steps.order(:workflow_step_id).to_a
      make_edge(c, b)
    end
  end

  def levels
    Tasker::ApplicationRecord.transaction do
      Tasker::ApplicationRecord.connection.execute("SET LOCAL statement_timeout = '300ms'")
      Tasker::Functions::FunctionBasedDependencyLevels.for_task(task.task_id)
    end
  end

  shared_examples "the engine" do
    it "asks without end" do
      expect { levels }.to raise_error(ActiveRecord::QueryCanceled)
    end
  end

  it_is_the_engine_without :endless_recursion

  context "with the repair on", repairs: %i[endless_recursion] do
    it "names the steps" do
      _, b, c = task.workflow_steps.order(:workflow_step_id).map(&:id)
      expect { levels }.to raise_error(TaskerCore::CycleError, /#{b}.*#{c}|#{c}.*#{b}/)
    end

    it "says the same where there is no circle" do
      made = make_three_step_task
      expect { Tasker::Functions::FunctionBasedDependencyLevels.for_task(made.task_id).map(&:to_h) }
        .to answer_alike.by("FunctionBasedDependencyLevels.for_task")
    end
  end
end
