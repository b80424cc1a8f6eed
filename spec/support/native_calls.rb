# frozen_string_literal: true

require "json"
require "securerandom"

# Every function of the extension, with arguments that it takes.
class NativeCalls
  SEAM = "a spec"
  TEMPLATES = [["specs", "a", true, 3, false, []], ["specs", "b", true, 3, false, ["a"]]].freeze
  ANYTHING = [nil, 5, nil, nil, nil].freeze
  WEIGHTS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0].freeze
  NONE = [nil, nil].freeze # claims
  AT = 1_700_000_000_000_000 # microseconds

  # Statements that a conversation has asked for, and the rows that it was given.
  class Recorder
    attr_reader :turns

    def initialize(conversation)
      @conversation = conversation
      @turns = []
    end

    def resume(rows)
      @turns << rows
      @conversation.resume(rows)
    end

    def answer = @conversation.answer
  end

  class << self
    # Functions that start a conversation, some of them in more than one way.
    #
    # @param task [Tasker::Task] in progress, with three steps: one done, one that can be run, one that waits
    # @return [Array<Array>] names and arguments
    def conversations(task)
      done, ready, waiting = task.workflow_steps.order(:workflow_step_id).ids
      calls = [*readiness(task.task_id, [done, ready, waiting]), *graph(task.task_id, ready, waiting),
               *machine(task.task_id, ready, waiting), *creation(task.task_id), *execution(task.task_id, done),
               *statistics(task.task_id), *recovery]
      calls.map { |name, *rest| [name, SEAM, *rest] }
    end

    # Functions of the module itself, but for those that panic.
    # @return [Array<Array>] names and arguments
    def plain
      [%w[successors task], %w[successors step], %w[events task], %w[events step], ["count", SEAM], ["answered"],
       ["template_analysis", SEAM, [[], [0], [0], [1, 2]]], ["template_analysis", SEAM, [[1], [0]]], ["reset_answered"],
       ["template_drawing", "a spec", %w[a b], [[], [0]]], ["observe_workers", [[7, 0]], [7, 8], 30, 30]]
    end

    # Methods of a drawing.
    # @return [Array<Array>] names
    def of_drawing = [["svg"], ["mermaid"], ["dot"], ["timeline"]]

    # Methods of a graph.
    # @param ids [Array<Integer>] of its steps
    # @return [Array<Array>] names and arguments
    def of_graph(ids)
      conditions = ids.map { |id| [id, "pending", false, 1] }
      [["nodes"], ["edges"], ["neighbours", true], ["neighbours", false], ["levels"], ["critical_paths", SEAM, conditions, WEIGHTS, 5],
       ["downstream", SEAM, ids.first], ["downstream_counts", ids]]
    end

    # Has the database answer a conversation, and undoes what that has changed.
    # @return [Array<Array>] the rows that it was given, in order, beginning with nil
    def turns(name, *)
      recorder = Recorder.new(TaskerCore::Native::Conversation.public_send(name, *))
      Tasker::ApplicationRecord.transaction(requires_new: true) do
        TaskerCore::Native::QueryRunner.run(recorder, "Spec")
        raise ActiveRecord::Rollback
      end
      recorder.turns
    end

    private

    def readiness(task, steps)
      [["step_readiness", task, nil], ["step_readiness", task, steps], ["step_readiness_of_tasks", [task]],
       ["ready_steps", [task]], ["viable_steps", task, steps], ["next_wait", task], ["blockers", task],
       ["task_snapshot", task], ["task_execution_contexts", [task]], ["dependency_levels", task],
       ["task_condition", task]]
    end

    def graph(task, from, to)
      [["closes_cycle", [to, from]], ["sibling_edges", to], ["relationships_of_steps", [from, to]], ["relationships_of_tasks", [task]],
       ["task_graph", task], ["task_drawing", task]]
    end

    def machine(task, ready, waiting)
      [["current_state", "task", task], ["current_state", "step", ready], ["check_transition", "step", waiting, ["in_progress", nil, NONE]],
       ["check_transition", "task", task, ["complete", nil, NONE]], ["allowed_transitions", "step", ready, nil],
       ["allowed_transitions", "task", task, nil], ["transition_to", "step", ready, ["in_progress", nil, "{}", AT, nil, NONE]],
       ["transition_to", "step", waiting, ["in_progress", nil, "{}", AT, nil, NONE]],
       ["transition_to", "task", task, ["nowhere", nil, "{}", AT, nil, NONE]]]
    end

    def creation(task)
      named = Tasker::Task.find(task).named_task
      [["task_kind", task], ["pending_tasks", [[named.task_namespace.name, named.name, named.version]], nil, 3],
       ["named_task", named.task_namespace.name, named.name, named.version, %w[tasker_tasks]],
       ["established_steps", task, TEMPLATES], ["create_steps", task, TEMPLATES, ["{}", AT, false]],
       ["create_steps", task, TEMPLATES, ["{}", AT, true]]]
    end

    def execution(task, step)
      [["finish_step", step, [true, 1, AT, [true, false, AT], ['{"a":1}'], AT, nil, nil]], ["finish_task", task, nil, AT],
       ["task_survey", task, nil, [nil, [], [], false, []]], ["task_survey", task, [step], [nil, [], [], false, []]]]
    end

    def recovery
      [["unlocked_workers", nil], ["unlocked_workers", 7], ["worker_claims", 7], ["claims_of_dead_worker", 7], ["jobless_tasks", 0]]
    end

    def statistics(task)
      [["completion_statistics", task], ["system_load"], ["analytics_metrics", nil], ["analytics_metrics", AT], ["activity"],
       ["activity_rates", AT], ["template_analysis", [[], [0]]], ["start", "system_load", {}, AT],
       ["slowest_steps", ANYTHING], ["slowest_tasks", ANYTHING]]
    end
  end
end
