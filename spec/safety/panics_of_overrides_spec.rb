# frozen_string_literal: true

require_relative "../rails_helper"

# A panic in Rust while a method of the engine is answered.
RSpec.describe TaskerCore::InternalError, "while Rust answers for the engine" do
  include Panics

  questions = OverrideCalls.all
  # What the engine itself cannot answer: its error is what falling back gives.
  failing = %w[FunctionBasedSlowestSteps.call FunctionBasedSlowestTasks.call]

  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  def told(outcome) = outcome.error ? outcome.error[:class] : OverrideCalls.plain(outcome.value)

  it "is looked at for every method that Rust answers" do
    TaskerCore::Engine::Registry.load_models
    expect([*questions.keys, *OverrideCalls::CHANGES]).to match_array(TaskerCore::Override.all.map(&:name))
  end

  questions.each do |override, question|
    it "leaves #{override} to the engine, with one line in the log", repairs: %i[slowest] do
      steps
      expected = TaskerCore.without { Outcome.of(&question.call(task, steps)) }
      expect(expected.error.nil?).to be(!failing.include?(override))
      panics = with_each_panic(-> { question.call(Tasker::Task.find(task.id), steps) }, &:call)
      expect(panics.map { |outcome,| told(outcome) }).to all(eq(told(expected)))
      expect(panics.map { |_, lines| lines.size }).to all(eq(1))
      lines = panics.flat_map(&:last)
      expect(lines).to all(match(/tasker-core: .*panicked, please report it/))
      expect(lines.grep(/tasker-core: #{Regexp.escape(override)} fell back to the engine/)).not_to be_empty
    end
  end
end
