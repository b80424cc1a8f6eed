# frozen_string_literal: true

require_relative "../rails_helper"

# The steps of a task, found or created as its handler's templates say.
RSpec.describe Tasker::WorkflowStep, ".get_steps_for_task" do
  override = "WorkflowStep.get_steps_for_task"

  let(:workflow) { ShapeWorkflow.new(Shapes.mixed.with(name: "sequenced")) }
  let(:templates) { workflow.handler.step_templates }

  # A task without steps, and what the block's call has given and left.
  def given_a_task
    named_task = Tasker::NamedTask.find_by!(name: "sequenced")
    task = Tasker::Task.find(make_task(named_task_id: named_task.named_task_id, context: { "batch" => 7 }).task_id)
    yield task
  end

  def told(task, steps)
    normalized = NormalizedRows.new(task)
    { names: steps.map(&:name), steps: steps.map { |step| normalized.row(step) }, rows: normalized.rows,
      kinds: [steps.class, *steps.map(&:class).uniq], state: steps.map { |step| [step.persisted?, step.changed?] }.uniq }
  end

  before { workflow.create } # its definitions

  it "creates steps and edges" do
    expect { given_a_task { |task| told(task, described_class.get_steps_for_task(task, templates)) } }.to answer_alike.by(override)
  end

  it "finds what is there, in the order of the templates" do
    expect do
      given_a_task do |task|
        described_class.get_steps_for_task(task, templates)
        told(task, described_class.get_steps_for_task(task, templates.reverse))
      end
    end.to answer_alike.by(override)
  end

  it "creates the definitions that are missing" do
    rounds = 0
    expect do
      rounds += 1
      workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "sequenced_#{rounds}"))
      templates = workflow.handler.step_templates.map { |template| template.new(name: "#{template.name}_#{rounds}", depends_on_steps: []) }
      given_a_task { |task| described_class.get_steps_for_task(task, templates).map { |step| step.name.delete_suffix("_#{rounds}") } }
    end.to answer_alike.by(override)
  end

  it "adds what is missing: a step, an edge" do
    expect do
      given_a_task do |task|
        described_class.get_steps_for_task(task, templates.first(3))
        told(task, described_class.get_steps_for_task(task, templates))
      end
    end.to answer_alike.by_the_engine(override)
    expect do
      given_a_task do |task|
        Tasker::WorkflowStepEdge.where(from_step: described_class.get_steps_for_task(task, templates)).delete_all
        told(task, described_class.get_steps_for_task(task, templates))
      end
    end.to answer_alike.by_the_engine(override)
  end

  it "gives no steps for no templates" do
    expect { given_a_task { |task| told(task, described_class.get_steps_for_task(task, [])) } }.to answer_alike
  end

  it "refuses a dependency on a step that there is not" do
    broken = [templates.first.new(depends_on_steps: ["nobody"])]
    expect { given_a_task { |task| described_class.get_steps_for_task(task, broken) } }.to answer_alike.raising(NoMethodError)
  end

  it "refuses steps that wait for each other" do
    circle = [templates[0].new(depends_on_steps: [templates[2].name]), templates[2].new(depends_on_steps: [templates[0].name])]
    expect { given_a_task { |task| described_class.get_steps_for_task(task, circle) } }
      .to answer_alike.raising(ActiveRecord::RecordInvalid)
  end

  it "is the engine's to answer for what is no task of its own" do
    odd = [Tasker::Task.new(named_task: Tasker::NamedTask.find_by!(name: "sequenced")), nil]
    odd.each do |task|
      expect { described_class.get_steps_for_task(task, templates) }.to answer_alike.or_raise_alike.by_the_engine(override)
    end
  end
end
