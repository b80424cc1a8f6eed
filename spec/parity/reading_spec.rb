# frozen_string_literal: true

require_relative "../rails_helper"

# What code of the application finds when it reads tasks and steps amid a workflow: the objects that it is given, and what it reads anew.
RSpec.describe TaskerCore::Run do
  # Handlers take turns, so that what is seen has an order.
  before { allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(1) }

  cached = lambda do |record|
    names = record.class.reflect_on_all_associations.map(&:name).sort
    names.select { |name| record.association_cached?(name) && record.association(name).loaded? }
  end

  # @param steps [Array<String>] whose handlers run the block
  # @return [Array<Outcome>] what it has found, in order
  def noted(name, steps = ["b"], hooks: Module.new)
    seen = []
    workflow = ScriptedWorkflow.new(name, steps.index_with { ->(*given) { (seen << Outcome.of { yield(*given) }) && {} } }, hooks:)
    workflow.run(workflow.create)
    seen
  end

  describe "associations" do
    it "of what a handler is given are loaded as with the engine" do
      seen = nil
      expect do
        seen = noted("given_caches") do |task, sequence, step|
          { task: cached.call(task), step: cached.call(step), parents: step.parents.map(&cached), steps: sequence.steps.map(&cached),
            of_the_task: cached.call(step.task), parents_afterwards: cached.call(step) }
        end
      end.to answer_alike
      expect(seen.first.value[:parents_afterwards]).to include(:parents, :task)
    end

    it "are found, whichever is asked for" do
      seen = nil
      expect do
        seen = noted("given_associations") do |task, _, step|
          [task, step].map do |record|
            names = record.class.reflect_on_all_associations.map(&:name)
            names.map { |name| [name, Outcome.of { Array.wrap(record.public_send(name)).map(&:class).tally }] }
          end
        end
      end.to answer_alike
      expect(seen.first.value.last.to_h[:parents].value).to eq(Tasker::WorkflowStep => 1)
    end

    it "of steps that the hook at the end is given are loaded alike" do
      seen = nil
      hook = Module.new do
        define_method(:update_annotations) { |task, sequence, steps| seen = [[task], sequence.steps, steps].map { |all| all.map(&cached) } }
      end
      expect { noted("hooked_caches", hooks: hook) { true }.push(seen) }.to answer_alike
      expect(seen.last.size).to eq(5)
    end
  end

  # Of the engine's models, `reload` takes no options, so that a record of theirs cannot be locked by itself; and a task's returns nothing.
  no_lock = { class: ArgumentError }
  ways = {
    "reload" => [->(record) { record.tap(&:reload) }, nil],
    "reload with a lock" => [->(record) { record.reload(lock: true) }, no_lock],
    "lock!" => [:lock!.to_proc, no_lock], "with_lock" => [->(record) { record.with_lock { record } }, no_lock],
    "a finder with a lock" => [->(record) { record.class.lock.find(record.id) }, nil],
    "a finder with a lock of another kind" => [->(record) { record.class.lock("FOR SHARE").find(record.id) }, nil],
    "a finder" => [->(record) { record.class.find(record.id) }, nil],
    "a search" => [->(record) { record.class.find { |one| one.id == record.id } }, nil]
  }

  ways.each do |way, (read, refusal)|
    it "answers #{way} amid a transaction alike, what was written past the object included" do
      seen = nil
      expect do
        seen = noted("read_by_#{way.parameterize(separator: "_")}") do |task, _, step|
          Tasker::Task.where(task_id: task.task_id).update_all(reason: "past it")
          Tasker::WorkflowStep.where(workflow_step_id: step.id).update_all(backoff_request_seconds: 7)
          Tasker::ApplicationRecord.transaction do
            [read.call(task).reason, read.call(step).backoff_request_seconds, step.status, cached.call(task), cached.call(step)]
          end
        end
      end.to answer_alike
      next expect(seen.first.error).to include(refusal) if refusal

      expect(seen.first.value.first(3)).to eq(["past it", 7, "in_progress"])
    end
  end

  it "has a machine follow its object over a reload" do
    seen = nil
    expect do
      seen = noted("kept_machines") do |task, _, step|
        [task, step].map do |record|
          machine = record.state_machine
          [machine.current_state, record.tap(&:reload).status, machine.current_state, machine.object.equal?(record),
           machine.equal?(record.state_machine), machine.last_transition.to_state, machine.allowed_transitions]
        end
      end
    end.to answer_alike
    expect(seen.first.value.map { |one| one.first(3) }).to all(eq(%w[in_progress in_progress in_progress]))
  end

  describe "columns that are written behind its back" do
    at = Time.utc(2026, 1, 2)
    by_owner = {
      "a parent" => [->(step) { step.parents.first },
                     { retry_limit: 9, retryable: false, skippable: true, inputs: { "new" => 1 }, results: { "new" => 1 }, attempts: 2,
                       backoff_request_seconds: 5, last_attempted_at: at, processed_at: at, created_at: at, updated_at: at }],
      "the task" => [:task.to_proc,
                     { reason: "new", initiator: "new", source_system: "new", tags: ["new"], bypass_steps: ["new"], context: { "new" => 1 },
                       requested_at: at, created_at: at, updated_at: at }]
    }

    by_owner.to_a.product(%i[cache uncached]).each do |(owner, (find, columns)), around|
      # Which of `c` and `d` is first is the database's choice.
      it "are seen by the next step of the round (#{owner}, #{around})" do
        seen = nil
        expect do
          seen = Tasker::ApplicationRecord.public_send(around) do
            noted("behind_#{around}_#{owner.split.last}", %w[c d]) do |_, _, step|
              record = find.call(step)
              columns.keys.index_with { |column| record[column] }.tap { record.update_columns(columns) }
            end
          end
          seen.last
        end.to answer_alike
        expect(seen.last.value).to eq(columns)
        expect(seen.first.value.values.zip(columns.values).map { |before, after| before == after }).to all(be(false))
      end
    end
  end
end
