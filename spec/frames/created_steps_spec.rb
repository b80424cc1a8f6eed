# frozen_string_literal: true

require_relative "../rails_helper"

# What is known of steps that were made while their task is created, without anybody having looked at them.
RSpec.describe TaskerCore::Run, "#make_steps" do
  include WorkflowRuns

  look = /as materialized \(\s*select s\.\*/

  let(:workflow) { ShapeWorkflow.new(Shapes.mixed.with(name: "made_by_a_run")) }
  let(:templates) { workflow.handler.step_templates }
  let(:task) do
    named_task = Tasker::NamedTask.find_by!(name: "made_by_a_run")
    make_task("in_progress", named_task_id: named_task.named_task_id, tags: ["a, b"], context: { "é" => ["it's", nil, 1.50] })
  end

  before { workflow.create } # its definitions

  # @yield between the creation and the questions
  def told(run = described_class.new)
    task # not in the run
    described_class.within(run) do
      steps = Tasker::WorkflowStep.get_steps_for_task(task, templates)
      yield if block_given?
      known(described_class.current, steps)
    end
  end

  def looked
    found = Tasker::WorkflowStep.for_task(task).index_by(&:name)
    described_class.within(described_class.new) { known(described_class.current, found.values_at(*templates.map(&:name))) }
  end

  def known(run, steps)
    survey = run.survey(task.task_id)
    { steps: steps.map(&:attributes), task: run.task(task.task_id).attributes, state: run.state_of("task", task.task_id),
      ready: survey.ready, context: survey.context, statistics: survey.statistics, edges: survey.edges, states: survey.states }
  end

  it "is what a look at the database shows" do
    made = told
    expect(made[:steps].size).to eq(7)
    expect(made).to eq(looked)
    expect(made[:task]).to eq(Tasker::Task.find(task.task_id).attributes)
    expect(made[:steps].map { |attributes| Tasker::WorkflowStep.find(attributes["workflow_step_id"]).attributes }).to eq(made[:steps])
  end

  it "takes no statement, unless the task is run" do
    expect(statements { told }.grep(look)).to be_empty
    Tasker::WorkflowStepEdge.where(from_step: task.workflow_steps).delete_all
    Tasker::WorkflowStep.where(task_id: task.task_id).delete_all
    expect(statements { told(described_class.new(task.task_id)) }.grep(look)).to be_one
  end

  it "does not hold once something has happened" do
    moved = told { Tasker::WorkflowStep.for_task(task).order(:workflow_step_id).first.state_machine.transition_to!(:in_progress) }
    expect(moved[:states].values.tally).to eq("in_progress" => 1, "pending" => 6)
  end

  it "does not hold where something happens while the steps are made" do
    allow(TaskerCore::Native::QueryRunner).to receive(:run_change).and_wrap_original do |original, *arguments|
      original.call(*arguments).tap { described_class.current.unsettle }
    end
    expect(statements { told }.grep(look)).to be_one
  end

  it "is what the events of the creation tell" do
    counts = nil
    expect do
      events = EventRecorder.subscribed { workflow.create }
      counts = events.filter_map { |event| event.payload.slice(:step_count, :total_steps, :task_status).presence }
    end.to answer_alike.by("WorkflowStep.get_steps_for_task")
    expect(counts.map { |payload| payload[:step_count] || payload[:total_steps] }).to include(7)
  end

  it "is not asked for where an application has columns of its own" do
    columns = TaskerCore::Stock::Models.columns(Tasker::WorkflowStep)
    allow(TaskerCore::Stock::Models).to receive(:columns).and_call_original
    allow(TaskerCore::Stock::Models).to receive(:columns).with(Tasker::WorkflowStep).and_return(columns - ["skippable"])
    task
    described_class.within(described_class.new) do
      expect(Tasker::WorkflowStep.get_steps_for_task(task, templates).map(&:name)).to eq(templates.map(&:name))
      expect(described_class.current.survey(task.task_id)).to be_nil
    end
  end

  %i[nowhere on_the_bus subscribed].each do |listen|
    it "is not what a task is run by that has no steps yet (#{listen})" do
      expect do
        named_task = Tasker::NamedTask.find_by!(name: "made_by_a_run")
        bare = make_task(named_task_id: named_task.named_task_id)
        events = nil
        lines = LogRecorder.lines { events = EventRecorder.public_send(listen) { workflow.run(Tasker::Task.find(bare.task_id)) } }
        portrait = Portrait.new(bare)
        { rows: portrait.rows, events: by_subject(portrait, events), log: LogRecorder.told(lines, portrait) }
      end.to answer_alike.by("WorkflowStep.get_steps_for_task")
    end
  end
end
