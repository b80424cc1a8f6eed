# frozen_string_literal: true

require_relative "../rails_helper"

# Tests of applications replace methods by which the engine's models are saved. What a test has put there is called, whatever the core has
# found out about a model before; and once it is gone, the core answers again.
RSpec.describe TaskerCore::Stock::Models do
  # A step whose end is not stored stays in progress; so does a task.
  ends = ->(record) { record.try(:to_state) == "complete" || record.changed.intersect?(%w[processed complete]) }
  refuse = ->(*) { raise ActiveRecord::RecordNotSaved, "not today" }
  ways = { save!: refuse, save: refuse, valid?: ->(*) { false }, update!: refuse, update: refuse, create_or_update: refuse }

  # @param name [Symbol] of a method, which does something else for what is at its end
  def stub_ends(model, name, ends, instead)
    allow_any_instance_of(model).to receive(name).and_wrap_original do |original, *arguments, **keywords, &block|
      ends.call(original.receiver) || name.start_with?("update") ? instead.call : original.call(*arguments, **keywords, &block)
    end
  end

  # @return [Hash] how it has ended, and every row
  def life_of(workflow)
    task = workflow.create
    outcome = Outcome.of { workflow.run(Tasker::Task.find(task.task_id)) && nil }
    { outcome:, rows: NormalizedRows.new(task).rows }
  end

  def life_with_counts(workflow)
    TaskerCore.reset_stats
    [life_of(workflow), answers_given.select { |_, counts| counts[:engine].positive? }]
  end

  {
    Tasker::WorkflowStep => %i[save! valid? create_or_update], Tasker::WorkflowStepTransition => %i[save! valid?],
    Tasker::Task => %i[update! save! valid?], Tasker::TaskTransition => %i[save! valid?]
  }.each do |model, names|
    names.each do |name|
      it "heeds a stubbed #{name} of #{model.name.demodulize}, and only while it is there" do
        workflow = ScriptedWorkflow.new("stubbed_#{model.name.demodulize.underscore}_#{name.to_s.delete("!?")}", {})
        before, by_the_engine = life_with_counts(workflow)
        expect(by_the_engine).to be_empty
        stubbed = nil
        expect do
          stub_ends(model, name, ends, ways.fetch(name))
          stubbed = life_of(workflow)
        ensure
          RSpec::Mocks.space.reset_all
        end.to answer_alike
        expect(stubbed[:rows]).not_to eq(before[:rows])
        expect(life_with_counts(workflow)).to eq([before, {}])
      end
    end
  end

  it "heeds a stubbed new of a transition" do
    moved = nil
    expect do
      allow(Tasker::WorkflowStepTransition).to receive(:new).and_wrap_original do |original, *arguments, &block|
        original.call(*arguments, &block).tap { |row| row.metadata = { "stubbed" => true } }
      end
      step = make_step(make_task("in_progress"), "b", "in_progress")
      step.state_machine.transition_to!("error")
      moved = step.workflow_step_transitions.order(:sort_key).reload.last.metadata
    ensure
      RSpec::Mocks.space.reset_all
    end.to answer_alike.by_the_engine("StepStateMachine#transition_to!")
    expect(moved).to eq("stubbed" => true)
  end

  it "heeds a stubbed add_provides_edge! of a step, by which the engine makes its edges" do
    calls = nil
    expect do
      calls = []
      allow_any_instance_of(Tasker::WorkflowStep).to receive(:add_provides_edge!).and_wrap_original do |original, child|
        calls << [original.receiver.name, child.name]
        original.call(child) unless child.name == "e"
      end
      task = ScriptedWorkflow.new("stubbed_edges", {}).create
      NormalizedRows.new(task).rows[:edges].map { |edge| edge.values_at("from_step_id", "to_step_id") }.concat(calls)
    ensure
      RSpec::Mocks.space.reset_all
    end.to answer_alike.by_the_engine("WorkflowStep.get_steps_for_task")
    expect(calls).to include(%w[c e], %w[d e])
  end
end
