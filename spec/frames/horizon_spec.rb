# frozen_string_literal: true

require_relative "../rails_helper"

# What handlers may do to a workflow whose rounds look at parts of it is in spec/parity/application_code_spec.rb.
RSpec.describe TaskerCore::Run::Horizon do
  include WorkflowRuns

  # @yield in which workflows are run
  # @return [Array<Array<Integer>, nil>] which steps each survey has looked at; nil for all
  def looks
    seen = Queue.new
    allow(TaskerCore::Native::Conversation).to receive(:task_survey).and_wrap_original do |original, override, task_id, chosen, known|
      seen << chosen
      original.call(override, task_id, chosen, known)
    end
    # Where claims are marked, the loop is the engine's.
    allow(TaskerCore::Claims).to receive(:marker).and_return(->(_claim) {})
    yield
    Array.new(seen.size) { seen.pop }
  end

  def scripted(name, steps, script = {})
    ScriptedWorkflow.new("horizon_#{name}", script, steps:)
  end

  # Of a chain of 24 steps.
  let(:chain) { Shapes.chain(24).steps }
  let(:names) { chain.keys }

  it "has a round look at the steps that come next, and everything be looked at whenever a quarter was done" do
    workflow = ShapeWorkflow.new(Shapes.chain(24))
    workflow.run(workflow.create)
    task = workflow.create
    chosen = looks { workflow.run(task) }
    ids = task.workflow_steps.order(:workflow_step_id).ids
    expect(chosen.size).to eq(25)
    # At the beginning, after six steps each, and at the end.
    expect(chosen.each_index.select { |round| chosen[round].nil? }).to eq([0, 6, 12, 18, 24])
    expect(chosen.compact.flatten).to eq(ids - ids.values_at(0, 6, 12, 18))
  end

  it "is not asked for where there are few steps, or most of them come next" do
    allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(30) # one slice a wave
    [Shapes.linear, Shapes.diamond, Shapes.fan(20)].each do |shape|
      workflow = ShapeWorkflow.new(shape)
      workflow.run(workflow.create)
      task = workflow.create
      expect(looks { workflow.run(task) }).to all(be_nil)
    end
  end

  it "leaves rows, events and log as they are" do
    [Shapes.chain(24), Shapes.mesh(6, 4), Shapes.layers(40)].each do |shape|
      workflow = ShapeWorkflow.new(shape.with(name: "horizon_#{shape.name}"))
      expect { run_of(workflow, listen: :nowhere) }.to answer_alike.by("WorkflowStep.get_viable_steps")
    end
  end

  it "has handlers see the whole sequence, however little their round has looked at" do
    seen = Queue.new
    look = lambda { |_task, sequence, step|
      seen << [step.name, sequence.steps.map { |each| [each.name, each.attempts, each.processed, each.results] }]
      { "by" => step.name }
    }
    workflow = scripted("seen_whole", chain, names.values_at(3, 9, 20).to_h { |name| [name, look] })
    expect do
      workflow.run(workflow.create)
      Array.new(seen.size) { seen.pop }
    end.to answer_alike
  end

  it "waits for steps of other tasks as they are" do
    other = ShapeWorkflow.new(Shapes.linear)
    workflow = scripted("two_tasks", chain)
    expect do
      awaited = other.create.workflow_steps.order(:workflow_step_id).first
      task = workflow.create
      Tasker::WorkflowStepEdge.create!(from_step: awaited, to_step: task.workflow_steps.order(:workflow_step_id)[12], name: "provides")
      make_history(awaited, "in_progress", "complete")
      workflow.run(task)
      Portrait.new(task).rows.fetch(:steps)
    end.to answer_alike
  end

  describe "where somebody writes past the state machines to steps that do not come next" do
    # @param at [Integer] the place of the step whose handler changes something
    # @param place [Integer] of the step that is changed
    # @yieldparam step [Tasker::WorkflowStep]
    def meddling(name, at:, place:)
      script = lambda { |task, _sequence, _step|
        yield task.workflow_steps.order(:workflow_step_id)[place]
        {}
      }
      workflow = scripted(name, chain, names[at] => script)
      task = workflow.create
      workflow.run(task)
      task.reload
      [task.status, task.workflow_steps.order(:workflow_step_id).map { |step| [step.name, step.status, step.attempts, step.results] }]
    end

    def write_by_hand(step, state, **columns)
      step.workflow_step_transitions.where(most_recent: true).update_all(most_recent: false)
      step.workflow_step_transitions.create!(to_state: state, sort_key: 1000, most_recent: true)
      step.update_columns(**columns)
    end

    it "does not run what is done by then" do
      expect do
        meddling("done_ahead", at: 3, place: 15) { |step| write_by_hand(step, "complete", processed: true, attempts: 7) }
      end.to answer_alike
    end

    it "does again, before the end, what is to be done again" do
      done = nil
      again = lambda do |step|
        done ||= write_by_hand(step, "pending", processed: false, in_process: false, attempts: 0, results: { "lost" => true })
      end
      expect do
        done = nil
        meddling("done_again", at: 8, place: 2, &again)
      end.to answer_alike
    end

    it "never runs a step whose parents are not done" do
      layers = Shapes.layers(40).steps
      seen = Queue.new
      script = layers.keys.drop(20).to_h { |name| [name, ->(_, _, step) { (seen << step.parents.map(&:status)) && {} }] }
      undo = lambda do |task, *|
        step = task.workflow_steps.order(:workflow_step_id)[10]
        write_by_hand(step, "pending", processed: false, in_process: false, attempts: 0) if step.attempts == 1 && seen.empty?
        {}
      end
      workflow = scripted("parents_undone", layers, { **script, layers.keys[19] => undo })
      task = workflow.create
      workflow.run(task)
      task.reload
      expect(task.status).to eq("complete")
      expect(Array.new(seen.size) { seen.pop }.flatten.tally).to eq("complete" => 60)
      expect(task.workflow_steps.order(:workflow_step_id)[10].workflow_step_transitions.count).to be > 4
    end
  end
end
