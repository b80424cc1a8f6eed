# frozen_string_literal: true

require_relative "../rails_helper"

# What an application pays that neither listens to events nor adds callbacks. Every count is exact: one statement more fails here.
RSpec.describe Tasker::Orchestration::WorkflowCoordinator do
  creation = 8
  # The first look and move, the steps' edges, the definitions of the task and of its steps; the end, and a look at what it is then.
  once = 7
  # Begin and end of a step.
  per_step = 2
  # A look after each wave, and before each slice of three but the first.
  per_wave = ->(widths) { widths.sum { |width| (width / 3.0).ceil } }

  waves = {
    Shapes.linear => [1] * 4, Shapes.diamond => [1, 2, 1], Shapes.fan => [1, 20, 1], Shapes.tree => [1, 2, 4, 8],
    Shapes.chain => [1] * 50, Shapes.mesh => [6] * 8, Shapes.mixed => [2, 3, 1, 1]
  }

  # The system's load is looked at here, so that it is not due while statements are counted.
  def warm(workflow)
    TaskerCore::Frames::SystemLoad.forget
    workflow.run(workflow.create)
  end

  waves.each do |shape, widths|
    it "creates and runs a task of shape #{shape.name} (#{shape.size} steps) in as few statements as ever" do
      workflow = ShapeWorkflow.new(shape)
      warm(workflow)
      created = nil
      expect(count_queries { created = workflow.create }).to eq(creation)
      task = Tasker::Task.find(created.task_id)
      expect(count_queries { workflow.run(task) }).to eq(once + (per_step * shape.size) + per_wave.call(widths))
      expect(task.status).to eq("complete")
    end
  end

  it "takes no more for a step that fails" do
    workflow = ShapeWorkflow.new(Shapes.failing)
    warm(workflow)
    task = workflow.create
    expect(count_queries { workflow.run(task) }).to be <= once + (per_step * 4) + 3
  end

  it "takes one more look a round where somebody listens" do
    workflow = ShapeWorkflow.new(Shapes.linear)
    warm(workflow)
    task = workflow.create
    heard = nil
    EventRecorder.subscribed([Tasker::Constants::WorkflowEvents::STEPS_EXECUTION_STARTED]) { heard = count_queries { workflow.run(task) } }
    expect(heard).to be <= once + (per_step * 4) + 4 + 4
  end
end
