# frozen_string_literal: true

require_relative "../rails_helper"

# What an application has hung on the engine's models and machines runs in whole workflows as with the engine: as often, in the same order,
# with the same objects before it.
RSpec.describe Tasker::Orchestration::StepExecutor do
  machine = Tasker::StateMachine::StepStateMachine
  hooks = { Tasker::WorkflowStep => %i[before_validation after_validation before_save after_save after_commit],
            Tasker::WorkflowStepTransition => %i[before_create after_create after_commit],
            Tasker::WorkflowStepEdge => %i[after_create after_commit],
            Tasker::Task => %i[before_save after_commit], Tasker::TaskTransition => %i[before_create after_commit] }

  # Where a call belongs: a step's name, or none.
  def owner_of(record)
    record.try(:workflow_step)&.name || (record.name if record.is_a?(Tasker::WorkflowStep)).to_s
  end

  # Adds every hook to these models and yields what was called, by step, in order.
  def with_hooks(hooks, calls, &run)
    note = method(:owner_of)
    added = hooks.keys.reduce(run) do |inner, model|
      lambda do
        with_model_callbacks(model) do
          hooks[model].each do |hook|
            model.public_send(hook) { |record| calls << [note.call(record), model.name.demodulize, hook, record.try(:status)] }
          end
          inner.call
        end
      end
    end
    added.call
  end

  def by_step(calls) = Array.new(calls.size) { calls.pop }.group_by(&:first).sort

  [{ "b" => ->(*) { { "well" => true } } }, { "b" => ->(*) { raise "no" } }].each_with_index do |script, index|
    it "calls hooks of models and machines of each step in the same order (#{index.zero? ? "all is well" : "one fails"})" do
      workflow = ScriptedWorkflow.new("hooked_models_#{index}", script)
      seen = nil
      expect do
        calls = Queue.new
        run = with_hooks(hooks, calls) do
          with_callbacks(machine) do
            machine.guard_transition { |step| calls << [step.name, :guard, step.status] }
            machine.before_transition { |step, row| calls << [step.name, :before, row.to_state, step.status] }
            machine.after_transition { |step, row| calls << [step.name, :after, row.to_state, step.status] }
            machine.after_transition(after_commit: true) { |step, row| calls << [step.name, :committed, row.to_state, step.status] }
            run_of(workflow)
          end
        end
        [run, seen = by_step(calls)]
      end.to answer_alike
      expect(seen.to_h["b"].map(&:second)).to include("WorkflowStep", "WorkflowStepTransition", :guard, :before, :after, :committed)
    end
  end

  {
    "refuses results" => ->(step) { step.errors.add(:results, "are too good") if step.results["well"] },
    "refuses errors" => ->(step) { step.errors.add(:results, "have an error") if step.results["error"] }
  }.each do |what, check|
    it "heeds a validation of steps that #{what}" do
      script = { "b" => ->(*) { { "well" => true } }, "c" => ->(*) { raise "no" } }
      workflow = ScriptedWorkflow.new("validated_#{what.split.last}", script)
      run = nil
      expect do
        with_model_callbacks(Tasker::WorkflowStep) do |model|
          model.validate { |step| check.call(step) }
          run = run_of(workflow)
        end
      end.to answer_alike
      # The engine leaves them there.
      expect(run[:rows][:step_transitions].pluck("to_state", "most_recent")).to include(["in_progress", true])
    end
  end

  it "heeds a guard, a validation and a hook that keep a task from its end" do
    ends = {
      guard: lambda do |&run|
        with_callbacks(Tasker::StateMachine::TaskStateMachine) { |tasks| tasks.guard_transition(to: "complete") { false } && run.call }
      end,
      validation: lambda do |&run|
        with_model_callbacks(Tasker::Task) { |model| model.validate { errors.add(:complete, "is not wanted") if complete } && run.call }
      end,
      hook: ->(&run) { with_model_callbacks(Tasker::Task) { |model| model.before_save { throw(:abort) if complete } && run.call } }
    }
    ends.each do |what, with|
      workflow = ScriptedWorkflow.new("ended_#{what}", {})
      expect { with.call { run_of(workflow) } }.to answer_alike.or_raise_alike
    end
  end

  describe "the steps that hooks of the task's handler are given at the end" do
    # What ActiveRecord says of an object.
    memory = lambda do |step|
      [step.name, step.changed.sort, step.saved_changes.except("updated_at", "last_attempted_at", "processed_at").sort,
       step.saved_changes.keys.sort, step.previously_new_record?, step.readonly?, step.persisted?,
       step.attributes.except("workflow_step_id", "task_id", "named_step_id").transform_values(&:class),
       step.results.class, step.association(:workflow_step_transitions).loaded?]
    end

    {
      "well" => ->(_, _, step) { { "well" => step.name } },
      "dirty" => lambda do |_, _, step|
        step.assign_attributes(retry_limit: 9, inputs: { "left" => "dirty" }, backoff_request_seconds: 5, skippable: true)
        { "well" => step.name }
      end,
      "saved" => ->(_, _, step) { step.update!(inputs: { "saved" => true }) && { "well" => step.name } },
      "failed" => ->(*) { raise "no" }
    }.each do |what, script|
      it "say the same of themselves (#{what})" do
        seen = nil
        given = Module.new do
          define_method(:update_annotations) do |task, sequence, steps|
            seen = [steps.map(&memory).sort, sequence.steps.map(&memory).sort, task.changed, task.association(:workflow_steps).loaded?]
          end
        end
        workflow = ScriptedWorkflow.new("remembered_#{what}", { "c" => script }, hooks: given)
        expect { [run_of(workflow), seen] }.to answer_alike
        expect(seen.first).not_to be_empty
      end
    end
  end
end
