# frozen_string_literal: true

require_relative "../rails_helper"

# What tasks and steps are defined by, in the hands of a handler.
RSpec.describe TaskerCore::Run::Definitions do
  include WorkflowRuns

  # @return [Hash] everything that a record says of itself
  def self.told(record)
    {
      class: record.class, attributes: record.attributes, raw: record.attributes_before_type_cast,
      types: record.attributes.transform_values(&:class), id: record.id, changed: record.changed?, persisted: record.persisted?,
      frozen: record.frozen?, readonly: record.readonly?, text: record.inspect, json: record.to_json
    }
  end

  told = method(:told)

  # Runs a workflow one of whose handlers hands out what `look` sees.
  def seen(name)
    found = Queue.new
    handler = lambda { |task, _sequence, step|
      found << yield(task, step)
      {}
    }
    workflow = ScriptedWorkflow.new(name, { "b" => handler })
    workflow.run(Tasker::Task.find(workflow.create.task_id))
    found.pop(true)
  end

  looks = {
    "the task's" => ->(task, _step) { told.call(task.named_task) },
    "the step's" => ->(_task, step) { told.call(step.named_step) },
    "the step's task's" => ->(_task, step) { told.call(step.task.named_task) },
    "its parents'" => ->(_task, step) { step.parents.map { |parent| told.call(parent.named_step) } },
    "what else is reached from there" => lambda { |task, step|
      [task.named_task.task_namespace.name, task.named_task.full_name, step.named_step.dependent_system.name]
    }
  }

  rows = {
    "as they were made" => {},
    "with all that they can hold" => {
      Tasker::NamedTask => {
        description: "größer \"✓\", \\ NULL", configuration: { "a" => [nil, 1.5, "{1,2}"] }, created_at: Time.utc(1969, 12, 31)
      },
      Tasker::NamedStep => { description: "{a,\"b\"}\n", updated_at: Time.utc(2200, 1, 1, 0, 0, 0, 123_456) }
    },
    "with words that are empty" => {
      Tasker::NamedTask => { description: "", configuration: nil, updated_at: Float::INFINITY },
      Tasker::NamedStep => { description: "", created_at: -Float::INFINITY }
    }
  }

  rows.each do |how, columns|
    looks.each do |whose, look|
      it "are #{whose}, #{how}, as the engine finds them" do
        name = "definitions_#{whose}_#{how}".tr("^a-z", "_").first(60)
        ScriptedWorkflow.new(name, {}).create
        columns.each { |model, values| model.update_all(values) }
        expect { seen(name, &look) }.to answer_alike
      end
    end
  end

  # @return [Integer] of one run, whose caller's own object knows what it is called
  def statements_of_run(name)
    workflow = ScriptedWorkflow.new(name, {})
    workflow.run(workflow.create)
    task = workflow.create
    task.name
    count_queries { workflow.run(task) }
  end

  after { [Tasker::NamedStep, Tasker::NamedTask].each { |model| model.default_scopes = [] } }

  it "are read with the steps, and by themselves where an application hides some" do
    plain = statements_of_run("definitions_plain")
    Tasker::NamedStep.class_eval { default_scope { where.not(name: "hidden") } }
    expect(statements_of_run("definitions_hidden") - plain).to eq(1)
    Tasker::NamedTask.class_eval { default_scope { where.not(name: "hidden") } }
    expect(statements_of_run("definitions_all_hidden") - plain).to eq(2)
  end

  it "are read by themselves where an application has added a column" do
    plain = statements_of_run("definitions_of_the_engine")
    allow(TaskerCore::Stock::Models).to receive(:columns).and_call_original
    allow(TaskerCore::Stock::Models).to receive(:columns).with(Tasker::NamedStep).and_return(%w[named_step_id name])
    expect(statements_of_run("definitions_of_an_application") - plain).to eq(1)
  end

  it "are one object for all that a run hands out, and another one in the next" do
    first, second = Array.new(2) { seen("definitions_shared") { |task, step| [task.named_task, step.task.named_task, step.named_step] } }
    expect(first[0]).to equal(first[1])
    expect(first.map(&:object_id) & second.map(&:object_id)).to be_empty
  end
end
