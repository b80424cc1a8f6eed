# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::WorkflowStep, ".get_viable_steps", :transactional do
  override = "WorkflowStep.get_viable_steps"
  holder = Struct.new(:steps)

  let(:tasks) { RandomWorkflows.new(Random.new(RSpec.configuration.seed)).create(tasks: 6) }
  let(:task) { make_three_step_task }

  def sequence(task, steps = task.workflow_steps.to_a)
    Tasker::Types::StepSequence.new(steps:)
  end

  it "finds the same steps" do
    tasks.each do |each|
      expect { described_class.get_viable_steps(each, sequence(each)).map(&:workflow_step_id).sort }.to answer_alike.by(override)
    end
    expect(described_class.get_viable_steps(task, sequence(task)).map(&:name)).to eq(["b"])
  end

  it "looks at the steps of the sequence only" do
    make_step(task, "other")
    expect { described_class.get_viable_steps(task, sequence(task, task.workflow_steps.last(1))).map(&:name) }.to answer_alike.by(override)
    expect { described_class.get_viable_steps(task, sequence(tasks.first)).map(&:name) }.to answer_alike.by(override)
  end

  it "takes whatever has steps, a relation included" do
    expect { described_class.get_viable_steps(task, holder.new(task.workflow_steps.where.not(workflow_step_id: 0))).map(&:name) }
      .to answer_alike.by(override)
  end

  it "finds nothing in an empty sequence, without asking the database for steps" do
    expect { described_class.get_viable_steps(task, sequence(task, [])).to_a }.to answer_alike
    none = described_class.get_viable_steps(task, sequence(task, []))
    expect(count_queries { none.load }).to eq(0)
  end

  it "returns a relation that is not loaded, and brings the names along" do
    expect { described_class.get_viable_steps(task, sequence(task)).then { [_1.class.superclass, _1.loaded?, _1.to_sql] } }
      .to answer_alike.by(override)
    viable = described_class.get_viable_steps(task, sequence(task))
    viable.load
    expect(count_queries { viable.map(&:name) }).to eq(0)
    expect(viable.where(workflow_step_id: 0)).to be_empty
  end

  it "asks one question", repairs: %i[backoff_overflow] do
    steps = sequence(task)
    expect(count_queries { described_class.get_viable_steps(task, steps) }).to eq(1)
  end

  it "refuses what the engine refuses" do
    unsaved = described_class.new(task:)
    expect { described_class.get_viable_steps(task, sequence(task, [unsaved])).to_a }.to answer_alike
    expect { described_class.get_viable_steps(Tasker::Task.new, sequence(task)).to_a }.to answer_alike
    expect { described_class.get_viable_steps(nil, sequence(task)) }.to answer_alike.raising(NoMethodError)
    expect { described_class.get_viable_steps(task, nil) }.to answer_alike.raising(NoMethodError)
  end

  it "heeds an answer that a test has put in the place of the engine's" do
    allow(Tasker::StepReadinessStatus).to receive(:for_task).and_return([])
    expect(described_class.get_viable_steps(task, sequence(task))).to be_empty
  end

  it "heeds an answer that a test has put in the place of the function's" do
    allow(Tasker::Functions::FunctionBasedStepReadinessStatus).to receive(:for_task).and_return([])
    expect(described_class.get_viable_steps(task, sequence(task))).to be_empty
  end
end
