# frozen_string_literal: true

require_relative "../rails_helper"

# The end of a step's attempt and of a task, each called by itself: what is returned, what the object says of itself afterwards, what is
# stored and what is told.
RSpec.describe Tasker::Orchestration::StepExecutor do
  finalizer = Tasker::Orchestration::TaskFinalizer
  contexts = Tasker::Functions::FunctionBasedTaskExecutionContext
  states = { "pending" => [], "in_progress" => %w[in_progress], "complete" => %w[in_progress complete],
             "error" => %w[in_progress error], "cancelled" => %w[cancelled] }
  tries = [nil, 0, 2]
  # What a handler leaves on its step.
  dirt = {
    "nothing" => ->(_) {},
    "results" => ->(step) { step.results = { "well" => 1 } },
    "results in place" => ->(step) { step.results["well"] = 1 },
    "an error" => ->(step) { step.results = { "error" => "no", "error_class" => "IOError", "backtrace" => "a\nb" } },
    "flags" => ->(step) { step.assign_attributes(in_process: true, processed: true) },
    "other columns" => ->(step) { step.assign_attributes(retry_limit: 9, inputs: { "left" => 1 }, skippable: true) },
    "no results" => ->(step) { step.results = nil },
    "a new parent's edge" => ->(step) { step.incoming_edges.build(from_step: make_step(step.task, "c"), name: "other") },
    "its history loaded" => ->(step) { step.workflow_step_transitions.load },
    "its task loaded and changed" => ->(step) { step.task.reason = "left" },
    "the word that it is only for reading" => ->(step) { step.results = {} and step.readonly! }
  }
  places = { "" => {}, ", inside a transaction" => { inside: true }, ", listened to" => { subscribed: true } }

  # What ActiveRecord says of an object. Names of attributes have no order.
  def condition(record)
    names = record.class.reflect_on_all_associations.map(&:name)
    { changed: record.changed.sort, saved: record.saved_changes.except("id"), pending: record.changes_to_save.keys.sort,
      attributes: record.attributes.except("task_id", "workflow_step_id", "identity_hash"), new: record.previously_new_record?,
      cached: names.select { |name| record.association_cached?(name) && record.association(name).loaded? },
      status: record.status }
  end

  # What a call leaves of its subject, the log included.
  def ending(owner, **options)
    observed = nil
    lines = LogRecorder.lines do
      observed = observe(owner, **options) do |one|
        answer = yield one
        [answer.class, answer.equal?(one), (answer unless answer.is_a?(ActiveRecord::Base)), condition(one)]
      end
    end
    { **observed, log: LogRecorder.sorted(lines, NormalizedRows.new(owner.is_a?(Tasker::Task) ? owner : owner.task)) }
  end

  def step_with(history, attempts, leave)
    step = make_step(make_task("in_progress"), "b", *history, attempts:, in_process: true, results: { "before" => 1 })
    step.tap { instance_exec(step, &leave) }
  end

  # A failed attempt has been counted by then, if the executor itself calls.
  counted = ->(step) { step.assign_attributes(attempts: (step.attempts || 0) + 1, last_attempted_at: Time.zone.now) }
  callers = { complete_step_execution: [->(_) {}], complete_error_step_execution: [counted, ->(_) {}] }

  callers.flat_map { |method, befores| befores.map { |before| [method, before] } }.each do |method, before|
    describe "##{method}" do
      call = lambda do |step|
        before.call(step)
        described_class.new.send(method, step.task, step)
      end

      states.to_a.product(tries).each do |(state, history), attempts|
        it "does the same to a step that is #{state} after #{attempts.inspect} attempts" do
          places.each_value do |options|
            expect { ending(step_with(history, attempts, dirt["results"]), **options, &call) }.to answer_alike
          end
        end
      end

      dirt.each do |what, leave|
        places.each do |place, options|
          it "does the same to a step on which a handler has left #{what}#{place}" do
            expect { ending(step_with(%w[in_progress], 1, leave), **options, &call) }.to answer_alike.or_raise_alike
          end
        end
      end

      it "leaves what a caller's transaction has rolled back to be saved still" do
        expect do
          step = step_with(%w[in_progress], 1, dirt["results"])
          Tasker::WorkflowStep.transaction(requires_new: true) do
            call.call(step)
            raise ActiveRecord::Rollback
          end
          [condition(step).except(:status), NormalizedRows.new(step.task).rows]
        end.to answer_alike.or_raise_alike
      end

      it "is one statement for a step in progress, and the engine's for one that has moved" do
        override = "StepExecutor##{method}"
        counts = method == :complete_step_execution || before == counted
        expect { ending(step_with(%w[in_progress], 0, dirt["results"]), &call) }
          .to counts ? answer_alike.by(override) : answer_alike.by_the_engine(override)
        expect { ending(step_with(%w[in_progress complete], 0, dirt["results"]), &call) }.to answer_alike.by_the_engine(override)
      end
    end
  end

  describe "TaskFinalizer#complete_task" do
    call = ->(task) { finalizer.new.complete_task(task, contexts.find(task.task_id)) }
    blank = ->(task) { finalizer.new.complete_task(task, nil) }
    left = {
      "nothing" => ->(_) {}, "a changed reason" => ->(task) { task.reason = "left" },
      "a changed context" => ->(task) { task.context["left"] = 1 }, "a flag" => ->(task) { task.complete = true },
      "its history loaded" => ->(task) { task.task_transitions.load },
      "its steps loaded and changed" => ->(task) { task.workflow_steps.load.first.retry_limit = 9 },
      "no context" => ->(task) { Tasker::Task.where(task_id: task.task_id).update_all(context: {}) && task.reload },
      "the word that it is only for reading" => lambda(&:readonly!)
    }

    def task_with(history, leave, *step_history)
      task = make_task(*history)
      make_step(task, "a", *step_history, processed: true, attempts: 1)
      task.tap(&leave)
    end

    states.each do |state, history|
      it "does the same to a task that is #{state}" do
        places.each_value do |options|
          expect { ending(task_with(history, left["nothing"], "complete"), **options, &call) }.to answer_alike.or_raise_alike
        end
      end

      it "does the same to a task that is #{state} and has work to do" do
        expect { ending(task_with(history, left["nothing"]), &call) }.to answer_alike.or_raise_alike
      end
    end

    left.each do |what, leave|
      places.each do |place, options|
        it "does the same to a task on which #{what} was left#{place}" do
          expect { ending(task_with(%w[in_progress], leave, "complete"), **options, &call) }.to answer_alike.or_raise_alike
        end
      end
    end

    it "leaves what a caller's transaction has rolled back to be saved still" do
      expect do
        task = task_with(%w[in_progress], left["nothing"], "complete")
        Tasker::Task.transaction(requires_new: true) do
          call.call(task)
          raise ActiveRecord::Rollback
        end
        [condition(task), NormalizedRows.new(task).rows]
      end.to answer_alike
    end

    it "does the same without a context" do
      expect { ending(task_with(%w[in_progress], left["nothing"], "complete"), &blank) }.to answer_alike
    end
  end

  it "begins an attempt by what a workflow has read of the step" do
    workflow = ScriptedWorkflow.new("begun", {})
    expect { run_of(workflow) }.to answer_alike.by("StepExecutor#validate_step_preconditions_with_logging")
  end

  it "leaves a workflow alike whose handlers change the task" do
    script = { "b" => ->(task, *) { (task.reason = "left by b") && {} }, "c" => ->(_, _, step) { (step.task.reason = "left by c") && {} } }
    workflow = ScriptedWorkflow.new("dirty_tasks", script)
    expect { run_of(workflow) }.to answer_alike
  end
end
