# frozen_string_literal: true

require_relative "../rails_helper"

# What an application pays that neither listens to events nor adds callbacks. Every count is exact: one statement more fails here.
RSpec.describe Tasker::Orchestration::WorkflowCoordinator do
  creation = 6
  # The steps with their edges and all definitions; the start; a look at everything when nothing is left to run; and the end.
  once = 4
  # The end of a step.
  per_step = 1
  slices = ->(widths, at_once = 3) { widths.map { |width| width.fdiv(at_once).ceil } }
  # Claims: one statement a slice of steps that run at once. A single step after a single one is claimed with the end of that.
  per_wave = lambda do |widths, at_once = 3|
    joined = widths.each_cons(2).count { |width, successor| width % at_once == 1 && successor == 1 }
    slices.call(widths, at_once).sum - joined
  end

  waves = {
    Shapes.linear => [1] * 4, Shapes.diamond => [1, 2, 1], Shapes.fan => [1, 20, 1], Shapes.tree => [1, 2, 4, 8],
    Shapes.chain => [1] * 50, Shapes.mesh => [6] * 8, Shapes.mixed => [2, 3, 1, 1]
  }

  # The system's load is looked at here, so that it is not due while statements are counted.
  def warm(workflow)
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

  # As an application has them that sets nothing: a pool of this size lets twelve steps run at once.
  context "with the defaults", repairs: RepairSwitches::DEFAULT do
    # What other specs leave in progress is load, by which fewer steps run at once, and so are connections that their threads hold still.
    # Here the load has just been found to be low, and the pool to be idle.
    before do
      allow(ActiveRecord::Base.connection_pool).to(receive(:stat).and_wrap_original do |stat|
        stat.call.merge(busy: 1, dead: 0, waiting: 0)
      end)
      counts = { total_tasks: 100, pending_tasks: 1, in_progress_tasks: 1, total_steps: 100, pending_steps: 1, in_progress_steps: 1 }
      TaskerCore::Frames::SystemLoad.seen(0) { Data.define(*counts.keys).new(**counts) }
    end

    ShapeWorkflow::READING.each_key do |reading|
      waves.each do |shape, widths|
        it "takes as few for a task of shape #{shape.name} (#{shape.size} steps) whose handlers read #{reading}" do
          expect(Tasker::Orchestration::ConnectionPoolIntelligence.intelligent_concurrency_for_step_executor).to be_between(10, 12)
          workflow = ShapeWorkflow.new(shape, reading:)
          # All steps of the task, but for those that come with the claims, once a slice.
          others = reading == "sequence" ? slices.call(widths, 12).sum : 0
          expect(count_run(workflow)).to eq(once + (per_step * shape.size) + per_wave.call(widths, 12) + others)
        end
      end
    end
  end

  # @return [Integer] statements of a run of its own
  def count_run(workflow)
    warm(workflow)
    task = Tasker::Task.find(workflow.create.task_id)
    count_queries { workflow.run(task) }
  end

  # With listeners the loop is the engine's. It takes five statements a run, two a step and one a round.
  linear = 5 + (2 * 4) + 4

  # Three of its steps are begun, in two waves; then nothing is found, and nothing that another session has locked.
  it "takes no more for a step that fails" do
    expect(count_run(ShapeWorkflow.new(Shapes.failing))).to eq(once + (per_step * 3) + 4)
  end

  it "takes no more for a step that its handler leaves with other changes" do
    workflow = ScriptedWorkflow.new("statements_of_the_dirty", { "a" => lambda { |_, _, step|
      step.inputs = { "changed" => true }
      {}
    } })
    clean = ScriptedWorkflow.new("statements_of_the_clean", {})
    expect(count_run(workflow)).to eq(count_run(clean))
  end

  # A transaction around what the listener may look at; a state and a round are looked at anew, since he may have changed them.
  {
    "the end of each step" => [[Tasker::Constants::StepEvents::COMPLETED], 4 * 3],
    "the begin of each step" => [[Tasker::Constants::StepEvents::EXECUTION_REQUESTED], 4 * 3],
    "each wave" => [[Tasker::Constants::WorkflowEvents::STEPS_EXECUTION_STARTED], 4]
  }.each do |words, (events, more)|
    it "takes so many more with a listener to #{words}" do
      heard = nil
      workflow = ShapeWorkflow.new(Shapes.linear)
      EventRecorder.subscribed(events) { heard = count_run(workflow) }
      expect(heard).to eq(linear + more)
    end
  end

  # Fifty-seven events, and as many looks at what the listener may have changed as there are questions between them.
  it "takes so many more with a listener to everything" do
    heard = nil
    workflow = ShapeWorkflow.new(Shapes.linear)
    EventRecorder.subscribed { heard = count_run(workflow) }
    expect(heard).to eq(linear + 47)
  end
end
