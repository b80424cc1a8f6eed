# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::Orchestration::WorkflowCoordinator do
  # How the engine asks where it does not leave the answer to the core.
  engine_sql = /get_step_readiness_status|get_task_execution_context|calculate_dependency_levels|tasker_step_dag_relationships/

  shared_examples "a workflow" do
    it "ends in the same state while the application listens to its events" do
      expect { run_of(workflow, listen: :subscribed) }.to answer_alike
    end

    it "ends in the same state, with the same log, without listeners to its events" do
      expect { run_of(workflow, listen: :nowhere) }.to answer_alike
    end

    it "ends in the same state, with the same events, by Rust alone and fewer statements" do
      sent = []
      expect do
        run = nil
        sent << statements { run = run_of(workflow) }
        run
      end.to answer_alike
      expect(answers_given.select { |_, counts| counts[:engine].positive? }).to be_empty
      expect(sent.first.grep(engine_sql)).not_to be_empty
      expect(sent.last.grep(engine_sql)).to be_empty
      expect(sent.last.size).to be < sent.first.size
    end
  end

  # The shapes of the demo that are small enough to be run four times.
  [Shapes.linear, Shapes.diamond, Shapes.mixed, Shapes.failing, Shapes.fan(5)].each do |shape|
    describe "a task of shape #{shape.name} (#{shape.size} steps)" do
      let(:workflow) { ShapeWorkflow.new(shape) }

      it_behaves_like "a workflow"
    end
  end

  seed = RSpec.configuration.seed
  [[1, 0], [6, 0], [12, 0], [9, 2]].each_with_index do |(size, failures), index|
    describe "a random task of #{size} steps, #{failures} of them failing" do
      let(:workflow) do
        random = Random.new(seed + index)
        shape = Shapes.random(size, random, name: "random_#{index}")
        ShapeWorkflow.new(shape.with(failing: shape.steps.keys.sample(failures, random:)))
      end

      it_behaves_like "a workflow"
    end
  end
end
