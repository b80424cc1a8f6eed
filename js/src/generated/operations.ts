// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.
// sha256 of its source: fa3c723c7300f3e7c8dd1093cd15d35e079572f4d7026ec9be7dcd81e383637f

import { Base } from "../base.js"
import type {
  Activity,
  AllowedTransitions,
  Blocker,
  Check,
  Choice,
  Claims,
  CompletionStatistics,
  Drawing,
  EdgeArgument,
  EdgeRow,
  Ending,
  Established,
  ExecutionContext,
  Graph,
  InstantArgument,
  IntegerArgument,
  KindOfTask,
  Level,
  Metadata,
  Micros,
  NamedTask,
  Owner,
  Rates,
  Readiness,
  ReadyStep,
  Recorded,
  Relationship,
  SlowStep,
  SlowTask,
  State,
  StepId,
  SystemLoad,
  TaskCondition,
  TaskId,
  TaskKindArgument,
  TaskSnapshot,
  Template,
  TemplateAnalysis,
  TransitionResult,
  ViableStep,
} from "./types.js"

/** The operations on a client; made by `on` or `over`. */
export class Tasker extends Base {
  /**
   * Returns the readiness of a task's steps, or of those among `steps`, by id.
   *
   * @param args.task The task.
   * @param args.steps All steps of the task where it is left out; steps of other tasks are ignored.
   */
  stepReadiness(args: { readonly task: IntegerArgument; readonly steps?: readonly IntegerArgument[] | null | undefined }): Promise<Readiness[]> {
    return this.call("step_readiness", args)
  }

  /**
   * Returns the readiness of all steps of many tasks, by task and step.
   *
   * @param args.tasks The tasks.
   */
  stepReadinessOfTasks(args: { readonly tasks: readonly IntegerArgument[] }): Promise<Readiness[]> {
    return this.call("step_readiness_of_tasks", args)
  }

  /**
   * Returns the steps of some tasks that may be run now, by task and step.
   *
   * @param args.tasks The tasks.
   */
  readySteps(args: { readonly tasks: readonly IntegerArgument[] }): Promise<ReadyStep[]> {
    return this.call("ready_steps", args)
  }

  /**
   * Returns those among `steps` of a task that may be run now, with their states.
   *
   * @param args.task The task.
   * @param args.steps The steps to choose from.
   */
  viableSteps(args: { readonly task: IntegerArgument; readonly steps: readonly IntegerArgument[] }): Promise<ViableStep[]> {
    return this.call("viable_steps", args)
  }

  /**
   * Returns the microseconds until a step of the task may be run: 0 where one may be run now, null where none ever may as things are.
   *
   * @param args.task The task.
   */
  nextWait(args: { readonly task: IntegerArgument }): Promise<Micros | null> {
    return this.call("next_wait", args)
  }

  /**
   * Returns what keeps each step of a task from being run, by step id; null for a step that may be run, is running or is done. null where there is no such task.
   *
   * @param args.task The task.
   */
  blockers(args: { readonly task: IntegerArgument }): Promise<(Blocker | null)[] | null> {
    return this.call("blockers", args)
  }

  /**
   * Returns how far tasks have come, by task. Unknown tasks are left out.
   *
   * @param args.tasks The tasks.
   */
  taskExecutionContexts(args: { readonly tasks: readonly IntegerArgument[] }): Promise<ExecutionContext[]> {
    return this.call("task_execution_contexts", args)
  }

  /**
   * Returns how far a task has come with the readiness of its steps, of one moment; null where there is no such task.
   *
   * @param args.task The task.
   */
  taskCondition(args: { readonly task: IntegerArgument }): Promise<TaskCondition | null> {
    return this.call("task_condition", args)
  }

  /**
   * Returns a task with the rows and states of its steps, of one moment; null where there is no such task.
   *
   * @param args.task The task.
   * @param args.steps Only these steps and their parents; all where it is left out.
   */
  taskSnapshot(args: { readonly task: IntegerArgument; readonly steps?: readonly IntegerArgument[] | null | undefined }): Promise<TaskSnapshot | null> {
    return this.call("task_snapshot", args)
  }

  /**
   * Returns the longest distance of each step of a task from a root, by level, then step.
   *
   * @param args.task The task.
   */
  dependencyLevels(args: { readonly task: IntegerArgument }): Promise<Level[]> {
    return this.call("dependency_levels", args)
  }

  /**
   * Counts the steps of a task.
   *
   * @param args.task The task.
   */
  completionStatistics(args: { readonly task: IntegerArgument }): Promise<CompletionStatistics> {
    return this.call("completion_statistics", args)
  }

  /**
   * Counts the tasks, steps and connections of the whole database.
   */
  systemLoad(): Promise<SystemLoad> {
    return this.call("system_load", {})
  }

  /**
   * Counts the work of a period.
   *
   * @param args.since Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
   */
  activity(args: { readonly since?: InstantArgument | null | undefined } = {}): Promise<Activity> {
    return this.call("activity", args)
  }

  /**
   * Returns the shares and mean durations of a period.
   *
   * @param args.since Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
   */
  activityRates(args: { readonly since?: InstantArgument | null | undefined } = {}): Promise<Rates> {
    return this.call("activity_rates", args)
  }

  /**
   * Returns the slowest steps, the slowest first.
   *
   * @param args.choice Limits the list.
   */
  slowestSteps(args: { readonly choice?: Choice | null | undefined } = {}): Promise<SlowStep[]> {
    return this.call("slowest_steps", args)
  }

  /**
   * Returns the slowest tasks, the slowest first.
   *
   * @param args.choice Limits the list.
   */
  slowestTasks(args: { readonly choice?: Choice | null | undefined } = {}): Promise<SlowTask[]> {
    return this.call("slowest_tasks", args)
  }

  /**
   * Returns the state of a task or step; `pending` where it has no transition.
   *
   * @param args.owner Whether `id` is a task's or a step's.
   * @param args.id The id of the task or step.
   */
  currentState(args: { readonly owner: Owner; readonly id: IntegerArgument }): Promise<State> {
    return this.call("current_state", args)
  }

  /**
   * Returns the state of a task or step with the states that may follow it now; null where there is no such task or step.
   *
   * @param args.owner Whether `id` is a task's or a step's.
   * @param args.id The id of the task or step.
   */
  allowedTransitions(args: { readonly owner: Owner; readonly id: IntegerArgument }): Promise<AllowedTransitions | null> {
    return this.call("allowed_transitions", args)
  }

  /**
   * Checks whether a task or step may move to a state now; writes nothing.
   *
   * @param args.owner Whether `id` is a task's or a step's.
   * @param args.id The id of the task or step.
   * @param args.to The state to move to.
   * @param args.claims Claims that must not have been lost.
   */
  checkTransition(args: { readonly owner: Owner; readonly id: IntegerArgument; readonly to: State; readonly claims?: Claims | null | undefined }): Promise<Check> {
    return this.call("check_transition", args)
  }

  /**
   * Moves a task or step to a state, or returns why it is refused.
   *
   * @param args.owner Whether `id` is a task's or a step's.
   * @param args.id The id of the task or step.
   * @param args.to The state to move to.
   * @param args.from_state The only state that it may come from; any that the machine allows where it is left out.
   * @param args.metadata A JSON object to record with the transition; empty where it is left out.
   * @param args.claims Claims that must not have been lost.
   * @param args.at The instant to record in microseconds since 1970 (UTC); now where it is left out.
   */
  transitionTo(args: { readonly owner: Owner; readonly id: IntegerArgument; readonly to: State; readonly from_state?: State | null | undefined; readonly metadata?: Metadata | null | undefined; readonly claims?: Claims | null | undefined; readonly at?: InstantArgument | null | undefined }): Promise<TransitionResult> {
    return this.call("transition_to", args)
  }

  /**
   * Ends the attempt of a step that is in progress: writes its row and its transition together. Returns null, and writes nothing, where the step is not in progress by this claim.
   *
   * @param args.step The step.
   * @param args.ending How the attempt ended.
   * @param args.attempts Attempts made, this one included.
   * @param args.results The results to keep, as JSON text; unchanged where it is left out.
   * @param args.claim The transition to in progress with which the attempt began; any where it is left out.
   * @param args.at The instant to record in microseconds since 1970 (UTC); now where it is left out.
   */
  finishStep(args: { readonly step: IntegerArgument; readonly ending: Ending; readonly attempts: number; readonly results?: string | null | undefined; readonly claim?: IntegerArgument | null | undefined; readonly at?: InstantArgument | null | undefined }): Promise<Recorded | null> {
    return this.call("finish_step", args)
  }

  /**
   * Completes a task that is in progress and all of whose steps are done. Returns null, and writes nothing, otherwise.
   *
   * @param args.task The task.
   * @param args.claim The transition to in progress of the worker; any where it is left out.
   * @param args.at The instant to record in microseconds since 1970 (UTC); now where it is left out.
   */
  finishTask(args: { readonly task: IntegerArgument; readonly claim?: IntegerArgument | null | undefined; readonly at?: InstantArgument | null | undefined }): Promise<Recorded | null> {
    return this.call("finish_task", args)
  }

  /**
   * Returns the definition of tasks; null where there is none.
   *
   * @param args.namespace The name of its namespace.
   * @param args.name Its name.
   * @param args.version Its version, such as `0.1.0`.
   */
  namedTask(args: { readonly namespace: string; readonly name: string; readonly version: string }): Promise<NamedTask | null> {
    return this.call("named_task", args)
  }

  /**
   * Returns the kind of a task, that is, the namespace, name and version of its definition, and the names of its steps; null where there is no such task.
   *
   * @param args.task The task.
   */
  taskKind(args: { readonly task: IntegerArgument }): Promise<KindOfTask | null> {
    return this.call("task_kind", args)
  }

  /**
   * Returns the first pending tasks of some kinds, by id. `readySteps` finds those among them that can go on now.
   *
   * @param args.kinds The kinds of tasks.
   * @param args.above Only tasks with greater ids, where it is not left out.
   * @param args.limit How many; 200 where it is left out.
   */
  pendingTasks(args: { readonly kinds: readonly TaskKindArgument[]; readonly above?: IntegerArgument | null | undefined; readonly limit?: number | null | undefined }): Promise<TaskId[]> {
    return this.call("pending_tasks", args)
  }

  /**
   * Returns the steps of a task in the order of `templates`, with their definitions; null where any step or edge is missing.
   *
   * @param args.task The task.
   * @param args.templates The steps as the task's handler declares them.
   */
  establishedSteps(args: { readonly task: IntegerArgument; readonly templates: readonly Template[] }): Promise<Established | null> {
    return this.call("established_steps", args)
  }

  /**
   * Creates the steps of a task that has none, with their edges; returns their ids in the order of `templates`. Returns null, and writes nothing, where a definition is missing, the task has steps, or another session is creating them.
   *
   * @param args.task The task.
   * @param args.templates The steps as the task's handler declares them.
   * @param args.inputs The inputs of each step, as JSON text.
   * @param args.at The instant to record in microseconds since 1970 (UTC); now where it is left out.
   */
  createSteps(args: { readonly task: IntegerArgument; readonly templates: readonly Template[]; readonly inputs: string; readonly at?: InstantArgument | null | undefined }): Promise<StepId[] | null> {
    return this.call("create_steps", args)
  }

  /**
   * Checks whether an edge would close a cycle.
   *
   * @param args.edge The edge that does not exist yet.
   */
  closesCycle(args: { readonly edge: EdgeArgument }): Promise<boolean> {
    return this.call("closes_cycle", args)
  }

  /**
   * Returns the edges that end at steps with exactly the parents of `step`, by id.
   *
   * @param args.step The step.
   */
  siblingEdges(args: { readonly step: IntegerArgument }): Promise<EdgeRow[]> {
    return this.call("sibling_edges", args)
  }

  /**
   * Returns the parents, children and depth of steps, by task and step.
   *
   * @param args.steps The steps.
   */
  relationshipsOfSteps(args: { readonly steps: readonly IntegerArgument[] }): Promise<Relationship[]> {
    return this.call("relationships_of_steps", args)
  }

  /**
   * Returns the parents, children and depth of all steps of tasks, by task and step.
   *
   * @param args.tasks The tasks.
   */
  relationshipsOfTasks(args: { readonly tasks: readonly IntegerArgument[] }): Promise<Relationship[]> {
    return this.call("relationships_of_tasks", args)
  }

  /**
   * Returns the steps and edges of a task; null where an edge leads to or from another task.
   *
   * @param args.task The task.
   */
  taskGraph(args: { readonly task: IntegerArgument }): Promise<Graph | null> {
    return this.call("task_graph", args)
  }

  /**
   * Draws a task as SVG, Mermaid and DOT, and its attempts over time as SVG; null where there is no such task.
   *
   * @param args.task The task.
   */
  taskDrawing(args: { readonly task: IntegerArgument }): Promise<Drawing | null> {
    return this.call("task_drawing", args)
  }

  /**
   * Analyses the graph of a template, without a statement; null where a place is out of range.
   *
   * @param args.dependencies For each step, the places of the steps that it depends on, counted from 0.
   */
  templateAnalysis(args: { readonly dependencies: readonly (readonly number[])[] }): Promise<TemplateAnalysis | null> {
    return this.call("template_analysis", args)
  }
}
