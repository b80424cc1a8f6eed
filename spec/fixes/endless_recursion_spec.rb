# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "The fix endless_recursion" do
  # Steps b and c wait for each other, behind a.
  let(:task) do
    make_three_step_task.tap do |made|
      _, b, c = made.workflow_steps.order(:workflow_step_id).to_a
      make_edge(c, b)
    end
  end

  # @param patience [String] for each statement: a moment for what does not end, and for what does more than any machine takes
  # @return [Object] what the block returns, in a transaction that is undone
  def impatiently(patience)
    result = nil
    Tasker::ApplicationRecord.transaction do
      Tasker::ApplicationRecord.connection.execute("SET LOCAL statement_timeout = '#{patience}'")
      result = yield
      raise ActiveRecord::Rollback
    end
    result
  end

  def levels(patience)
    impatiently(patience) { Tasker::Functions::FunctionBasedDependencyLevels.for_task(task.task_id) }
  end

  shared_examples "the engine" do
    it "asks without end" do
      expect { levels("300ms") }.to raise_error(ActiveRecord::QueryCanceled)
    end
  end

  it_is_the_engine_without :endless_recursion

  context "with the fix on", repairs: %i[endless_recursion] do
    it "names the steps" do
      _, b, c = task.workflow_steps.order(:workflow_step_id).map(&:id)
      expect { levels("60s") }.to raise_error(TaskerCore::CycleError, /#{b}.*#{c}|#{c}.*#{b}/)
    end

    it "says the same where there is no circle" do
      made = make_three_step_task
      expect { Tasker::Functions::FunctionBasedDependencyLevels.for_task(made.task_id).map(&:to_h) }
        .to answer_alike.by("FunctionBasedDependencyLevels.for_task")
    end
  end

  # 16 layers of four steps: four thousand million paths, and no circle.
  describe "where there is no circle" do
    questions = {
      "levels" => [->(made, _) { Tasker::Functions::FunctionBasedDependencyLevels.max_level_for_task(made.task_id) }, 15],
      "a row of the view" => [->(_, steps) { Tasker::StepDagRelationship.find(steps.last).min_depth_from_root }, 15],
      "whether an edge closes a circle" => [
        lambda { |made, steps|
          Tasker::WorkflowStepEdge.create!(from_step: make_step(made, "b"), to_step_id: steps.first, name: "above").name
        }, "above"
      ],
      "an analysis" => [
        ->(made, _) { Tasker::Analysis::RuntimeGraphAnalyzer.new(task: made).analyze[:critical_paths][:total_paths] }, 4**16
      ]
    }
    switched = { "on" => %i[endless_recursion], "off" => [] }

    let(:task) { make_layered_task(layers: 16, width: 4) }
    let(:steps) { task.workflow_steps.order(:workflow_step_id).ids }

    before do
      steps
      Rails.cache.clear
    end

    # The engine's view follows the paths of every task that there is.
    after { Tasker::WorkflowStepEdge.where(from_step_id: steps).delete_all }

    questions.each do |what, (question, answer)|
      it "the engine asks for #{what} for longer than anybody waits" do
        expect { TaskerCore.without { impatiently("300ms") { instance_exec(task, steps, &question) } } }.to raise_error(ActiveRecord::QueryCanceled)
      end

      switched.each do |position, repairs|
        it "Rust answers when it is asked for #{what}, the fix being #{position}", repairs: do
          expect(impatiently("60s") { instance_exec(task, steps, &question) }).to eq(answer)
        end
      end
    end
  end
end
