// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.
// sha256 of its source: fa3c723c7300f3e7c8dd1093cd15d35e079572f4d7026ec9be7dcd81e383637f

/** A 64-bit integer as an argument: a safe integer, or a `bigint`. */
export type IntegerArgument = number | bigint

/** An instant as an argument: microseconds since 1970 in UTC; `Infinity` and `-Infinity` are PostgreSQL's. */
export type InstantArgument = number | bigint

/** What has been counted. */
export interface Activity {
  /** Tasks with a step whose most recent transition leads neither to an end nor to an error. (To the engine `cancelled` is no end here.) */
  active_tasks: number
  /** Names of namespaces that have a task. */
  namespaces: number
  /** When the transaction began in which this was read, likewise. */
  now: string
  /** Everything made since the beginning of the period. */
  period: Period
  /** Tasks made within the last hour of which a step is complete. */
  recently_completed: number
  /** Tasks made within the last hour of which a step is in error. A task may be in both. */
  recently_failed: number
  /** The beginning of the period, as text with the session's time zone. */
  since: string
  /** Names of named tasks that have a task. */
  task_types: number
}

/** A state with those that may follow it now. */
export interface AllowedTransitions {
  /** The states that may follow it, in the machine's order. */
  allowed: State[]
  /** The current state. */
  state: State
}

/** All attempts are used up. */
export interface BlockerExhausted {
  /** Attempts made. */
  attempts: number
  kind: "exhausted"
  /** Attempts allowed. */
  limit: number
}

/** The column `retryable` is false, which excludes the first attempt, too. */
export interface BlockerNotRetryable {
  kind: "not_retryable"
}

/** The column `processed` is true although the state is pending or error. */
export interface BlockerProcessed {
  kind: "processed"
}

/** The column `in_process` is true although the state is pending or error. */
export interface BlockerInProcess {
  kind: "in_process"
}

/** A parent is cancelled, so that the dependency will never be satisfied. */
export interface BlockerCancelledParent {
  kind: "cancelled_parent"
}

/** Parents are still to be completed. */
export interface BlockerParents {
  kind: "parents"
  /** How many. */
  open: number
  /** Out of how many. */
  total: number
}

/** A wait after a failure, or one that the handler has requested. */
export interface BlockerBackoff {
  kind: "backoff"
  /** Its end; `i64::MAX` for `infinity`. */
  until: Timestamp
}

/** The first condition that keeps a pending or failed step from being run; those that only a person can change come first. */
export type Blocker = BlockerExhausted | BlockerNotRetryable | BlockerProcessed | BlockerInProcess | BlockerCancelledParent | BlockerParents | BlockerBackoff

/** Whether a transition is possible. */
export interface CheckPermitted {
  /** The state that it would come from. */
  from: State
  result: "permitted"
}

/** Whether a transition is possible. */
export interface CheckRefusedNoSuchTransition {
  result: "refused"
  /** The state the owner is in. */
  from: State
  reason: "no_such_transition"
}

/** Whether a transition is possible. */
export interface CheckRefusedGuardFailed {
  result: "refused"
  /** The state the owner is in. */
  from: State
  /** The guard. */
  guard: Guard
  reason: "guard_failed"
}

/** Whether a transition is possible. */
export interface CheckRefusedClaimLost {
  result: "refused"
  /** The state the owner is in. */
  from: State
  reason: "claim_lost"
}

/** Whether a transition is possible. */
export interface CheckRefusedTaskClaimLost {
  result: "refused"
  /** The state the step is in. */
  from: State
  reason: "task_claim_lost"
}

/** Whether a transition is possible. */
export interface CheckRefusedUnknownSubject {
  result: "refused"
  reason: "unknown_subject"
}

/** Whether a transition is possible. */
export type Check = CheckPermitted | CheckRefusedNoSuchTransition | CheckRefusedGuardFailed | CheckRefusedClaimLost | CheckRefusedTaskClaimLost | CheckRefusedUnknownSubject

/** How many steps a task has, by what became of them. */
export interface CompletionStatistics {
  /** Complete or resolved manually. */
  completed: number
  /** In error. */
  failed: number
  /** When the last of the completed ones was processed. */
  latest_completion: Timestamp | null
  /** All of them. */
  total: number
}

/** The definition that a task follows. */
export interface Definition {
  /** Its namespace. */
  namespace: string
  /** The named task's name. */
  task_name: string
  /** Its version. */
  version: string
}

/** Pictures of a task. */
export interface Drawing {
  /** Its graph in Graphviz' language. */
  dot: string
  /** Its graph as a Mermaid flowchart. */
  mermaid: string
  /** Its graph as SVG. */
  svg: string
  /** Its attempts over time as SVG. */
  timeline: string
}

/** `to_step` waits for `from_step`. */
export interface Edge {
  /** The step that must end first. */
  from: StepId
  /** The step that waits. */
  to: StepId
}

/** `tasker_workflow_step_edges.id` */
export type EdgeId = number

/** An edge with everything that its row says. */
export interface EdgeRow {
  /** When it was made. */
  created_at: Timestamp
  /** The connected steps. */
  edge: Edge
  /** The row's id. */
  id: EdgeId
  /** The kind of edge; the engine uses `provides` only. */
  name: string
  /** When it was last changed. */
  updated_at: Timestamp
}

/** The steps of a task, all of which exist with all of their edges. */
export interface Established {
  /** The last step of the task, if no two of its steps have one name. */
  distinct_to: StepId | null
  /** The definitions of all steps that the task has, each once, by id. */
  named_steps: NamedStep[]
  /** The task's definition. */
  named_task: NamedTask
  /** Their ids, in the order of the templates. */
  steps: StepId[]
}

/** A task's execution context: the thirteen columns that the engine's callers see, in their order. */
export interface ExecutionContext {
  /** Steps complete or resolved manually. */
  completed_steps: number
  /** Completed steps of all steps. */
  completion_percentage: Percentage
  /** Where the task stands. */
  execution_status: ExecutionStatus
  /** Steps in error. */
  failed_steps: number
  /** Whether failures endanger it. */
  health_status: HealthStatus
  /** Steps in progress. */
  in_progress_steps: number
  /** Its definition. */
  named_task_id: NamedTaskId
  /** Steps that are pending. */
  pending_steps: number
  /** Steps that may be run now. */
  ready_steps: number
  /** What to do about it. */
  recommended_action: RecommendedAction
  /** `pending` where there is no transition. */
  status: State
  /** The task. */
  task_id: TaskId
  /** Steps in any state, words outside of the machine included. */
  total_steps: number
}

/** Where a task stands. */
export type ExecutionStatus = "has_ready_steps" | "processing" | "blocked_by_failures" | "all_complete" | "waiting_for_dependencies"

/** The graph of a task. */
export interface Graph {
  /** Its edges. */
  edges: Edge[]
  /** Its steps, by id. */
  nodes: GraphNode[]
}

/** A step in a graph. */
export interface GraphNode {
  /** The step. */
  id: StepId
  /** Its longest distance from a root. */
  level: number
  /** Its name. */
  name: string
}

/** A condition on entering a state, beyond the one that the state before allows it. */
export type Guard = "parents_done" | "steps_done"

/** Whether failures endanger a task. */
export type HealthStatus = "healthy" | "recovering" | "blocked"

/** The kind of a task, with the names of its steps. */
export interface KindOfTask {
  /** The kind. */
  kind: TaskKind
  /** The names of the steps that the task has, each once, in the database's order of texts. */
  steps: string[]
}

/** The longest distance of a step from a root. */
export interface Level {
  /** Edges on the longest path from any root; 0 for roots. */
  level: number
  /** The step. */
  step: StepId
}

/** A span of time in microseconds. */
export type Micros = number

/** The definition of a step: its whole row. */
export interface NamedStep {
  /** When the row was made. */
  created_at: Timestamp
  /** The id of the system that it works with. */
  dependent_system_id: number
  /** Its purpose. */
  description: string | null
  /** The definition. */
  id: NamedStepId
  /** Its name, unique within that system. */
  name: string
  /** When the row was last written. */
  updated_at: Timestamp
}

/** `tasker_named_steps.named_step_id` */
export type NamedStepId = number

/** The definition of a task: its whole row. */
export interface NamedTask {
  /** Settings, as JSON text. */
  configuration: string | null
  /** When the row was made. */
  created_at: Timestamp
  /** Its purpose. */
  description: string | null
  /** The definition. */
  id: NamedTaskId
  /** Its name, unique within its namespace and version. */
  name: string
  /** The id of its namespace. */
  task_namespace_id: number
  /** When the row was last written. */
  updated_at: Timestamp
  /** Such as `0.1.0`. */
  version: string
}

/** `tasker_named_tasks.named_task_id` */
export type NamedTaskId = number

/** How many incoming edges a step has and how many come from satisfied steps. */
export interface ParentCount {
  /** Those whose from-step is complete or resolved manually. */
  completed: number
  /** Incoming edges. */
  total: number
}

/** A share of a whole in hundredths of a percent, rounded half up. */
export type Percentage = string

/** The tasks made within a period, and their steps. */
export interface Period {
  /** Those that are complete. */
  completed_steps: number
  /** Those of which a step is complete. */
  completed_tasks: number
  /** Those of which a step is in error. */
  failed_tasks: number
  /** Microseconds from the making of the step to its completion, over all of those. */
  since_step: number
  /** Microseconds from the making of its task to its completion, over all of those. */
  since_task: number
  /** Steps of these tasks. */
  steps: number
  /** Tasks. */
  tasks: number
}

/** What follows from it. */
export interface Rates {
  /** The percentage of the period's tasks that are complete, to two digits; 0 if there is none. */
  completion: number
  /** The percentage of those in error, likewise. */
  failure: number
  /** The share of complete tasks among those of the last hour that are complete or in error, to three digits; 1 if there is none. */
  health: number
  /** The mean of `Period::since_step`, likewise. */
  step_seconds: number
  /** The mean of `Period::since_task` over steps, in seconds to three digits; 0 if there is none. */
  task_seconds: number
}

/** A step's readiness: the sixteen columns that the engine's callers see, in their order. */
export interface Readiness {
  /** Attempts made, 0 where unknown. */
  attempts: number
  /** The wait in seconds that a handler asked for. */
  backoff_request_seconds: number | null
  /** Incoming edges from satisfied steps. */
  completed_parents: number
  /** `pending` where there is no transition. */
  current_state: State
  /** Every incoming edge comes from a satisfied step. */
  dependencies_satisfied: boolean
  /** The end of the last attempt. */
  last_attempted_at: Timestamp | null
  /** When it failed, if failed is what it is. */
  last_failure_at: Timestamp | null
  /** The definition's name. */
  name: string
  /** Its definition. */
  named_step_id: NamedStepId
  /** The end of its wait; the requested one if there is one, though both must be over. */
  next_retry_at: Timestamp | null
  /** The step may be run now. */
  ready_for_execution: boolean
  /** Attempts are left. Says nothing of state, waits or `retryable`. */
  retry_eligible: boolean
  /** Attempts allowed, `DEFAULT_RETRY_LIMIT` where unknown. */
  retry_limit: number
  /** Its task. */
  task_id: TaskId
  /** Incoming edges. */
  total_parents: number
  /** The step. */
  workflow_step_id: StepId
}

/** A step that may be run now. */
export interface ReadyStep {
  /** Has it failed before? Otherwise it is pending. */
  failed: boolean
  /** The step. */
  step: StepId
  /** Its task. */
  task: TaskId
}

/** What to do with a task. */
export type RecommendedAction = "execute_ready_steps" | "wait_for_completion" | "handle_failures" | "finalize_task" | "wait_for_dependencies"

/** A transition that was recorded. */
export interface Recorded {
  /** Where the owner came from. */
  from: State
  /** Its row. */
  id: TransitionId
  /** Its place in the history. */
  sort_key: number
}

/** The machine does not lead from where the owner is to where it should go. */
export interface RefusalNoSuchTransition {
  /** The state the owner is in. */
  from: State
  reason: "no_such_transition"
}

/** The machine allows it, the guard does not. */
export interface RefusalGuardFailed {
  /** The state the owner is in. */
  from: State
  /** The guard. */
  guard: Guard
  reason: "guard_failed"
}

/** The caller's claim of the task or step is over. */
export interface RefusalClaimLost {
  /** The state the owner is in. */
  from: State
  reason: "claim_lost"
}

/** Another worker has claimed the task to which the step belongs. */
export interface RefusalTaskClaimLost {
  /** The state the step is in. */
  from: State
  reason: "task_claim_lost"
}

/** There is no such owner. */
export interface RefusalUnknownSubject {
  reason: "unknown_subject"
}

/** Why a transition is not possible. */
export type Refusal = RefusalNoSuchTransition | RefusalGuardFailed | RefusalClaimLost | RefusalTaskClaimLost | RefusalUnknownSubject

/** A step among its neighbours. */
export interface Relationship {
  /** Where its outgoing edges end, likewise. */
  children: StepId[]
  /** Edges on the shortest path from a root; `None` beyond `DEEPEST`, and where no root leads. */
  depth: number | null
  /** Where its incoming edges begin, in ascending order; a step once for each edge. */
  parents: StepId[]
  /** The step. */
  step: StepIdentity
}

/** A complete step. */
export interface SlowStep {
  /** Attempts made. */
  attempts: number | null
  /** When it was complete. */
  complete_at: Timestamp
  /** What its task follows. */
  definition: Definition
  /** When it was made. */
  made_at: Timestamp
  /** Its name. */
  name: string
  /** May it be retried? */
  retryable: boolean
  /** Seconds from its making to its completion, to three digits. */
  seconds: number
  /** The step. */
  step: StepId
  /** Its task. */
  task: TaskId
}

/** A task of which a step has ended, complete or in error. */
export interface SlowTask {
  /** Those that are complete. */
  complete: number
  /** What it follows. */
  definition: Definition
  /** When its last ended step ended. */
  ended_at: Timestamp
  /** Those in error. */
  failed: number
  /** Who asked for it. */
  initiator: string | null
  /** When it was made. */
  made_at: Timestamp
  /** Seconds from its making to the end of its last ended step, to three digits. */
  seconds: number
  /** On behalf of what. */
  source_system: string | null
  /** Its steps. */
  steps: number
  /** The task. */
  task: TaskId
}

/** A state of a task or a step. */
export type State = string

/** The columns of a step's row that no rule reads; with `StepRecord` they are the whole row. */
export interface StepDetails {
  /** When the row was made. */
  created_at: Timestamp
  /** Its inputs, as JSON text. */
  inputs: string | null
  /** When a handler succeeded. */
  processed_at: Timestamp | null
  /** The results of its handler, as JSON text. */
  results: string | null
  /** May it be skipped? */
  skippable: boolean
  /** When the row was last written. */
  updated_at: Timestamp
}

/** `tasker_workflow_steps.workflow_step_id` */
export type StepId = number

/** A step, its task and its definition. */
export interface StepIdentity {
  /** The step. */
  id: StepId
  /** Its definition. */
  named_step_id: NamedStepId
  /** The task it belongs to. */
  task_id: TaskId
}

/** A step with its retry policy and its most recent transition. */
export interface StepRecord {
  /** Attempts made so far. */
  attempts: number | null
  /** The wait in seconds that a handler asked for. */
  backoff_request_seconds: number | null
  /** When the step failed, if the most recent transition is a failure. */
  failed_at: Timestamp | null
  /** The step. */
  id: StepId
  /** Is a worker's claim flag set? (The engine reads it and never sets it.) */
  in_process: boolean
  /** The end of the last attempt. */
  last_attempted_at: Timestamp | null
  /** The definition's name. */
  name: string
  /** Its definition. */
  named_step_id: NamedStepId
  /** Its incoming edges. */
  parents: ParentCount
  /** Has a handler succeeded? */
  processed: boolean
  /** Attempts allowed. */
  retry_limit: number | null
  /** May it be run at all, first attempt included? */
  retryable: boolean
  /** `to_state` of the most recent transition; `None` while there is none. */
  state: State | null
  /** The task it belongs to. */
  task_id: TaskId
}

/** A step at the moment of a task snapshot. */
export interface StepSnapshot {
  /** Its row's other columns, unless the caller has this version. */
  details: StepDetails | null
  /** The columns that rules read. */
  facts: StepRecord
  /** The version of its row. */
  version: string
}

/** The load of the whole system: counts of tasks, steps and connections. */
export interface SystemLoad {
  /** Connections to this database that are running a statement, this one included. */
  active_connections: number
  /** Steps in error without an attempt left. */
  exhausted: number
  /** Steps in error that may be retried and have been attempted; whether their wait is over is not looked at. */
  in_backoff: number
  /** Connections that the server allows. */
  max_connections: number
  /** Steps in error that may be retried. */
  retryable: number
  /** All steps. */
  steps: number
  /** Steps by the state of their most recent transition: pending, in progress, complete, in error. */
  steps_by_state: number[]
  /** All tasks. */
  tasks: number
  /** Tasks by the state of their most recent transition: pending, in progress, complete, in error, cancelled. One without any transition is in none of them. */
  tasks_by_state: number[]
}

/** A task's execution context with the readiness of its steps. */
export interface TaskCondition {
  /** How far the task has come. */
  context: ExecutionContext
  /** Its steps, by id. */
  steps: Readiness[]
}

/** The columns of a task's row that no rule reads; with `TaskRecord` they are the whole row. */
export interface TaskDetails {
  /** Names of steps to leave out, as JSON text. */
  bypass_steps: string | null
  /** Has it been closed? */
  complete: boolean
  /** The input of its steps, as JSON text. */
  context: string | null
  /** When the row was made. */
  created_at: Timestamp
  /** Distinguishes it from other requests. */
  identity_hash: string
  /** The initiator of the request. */
  initiator: string | null
  /** The reason of the request. */
  reason: string | null
  /** When it was requested. */
  requested_at: Timestamp
  /** The system that has sent the request. */
  source_system: string | null
  /** Labels, as JSON text. */
  tags: string | null
  /** When the row was last written. */
  updated_at: Timestamp
}

/** `tasker_tasks.task_id` */
export type TaskId = number

/** A kind of task: namespace, name and version of its definition. */
export interface TaskKind {
  /** The name. */
  name: string
  /** The namespace. */
  namespace: string
  /** The version. */
  version: string
}

/** A task with its current state. */
export interface TaskRecord {
  /** The task. */
  id: TaskId
  /** Its definition. */
  named_task_id: NamedTaskId
  /** `to_state` of the most recent transition; `None` while there is none. */
  state: State | null
}

/** A task at one moment. */
export interface TaskSnapshot {
  /** The edges that end at these steps, in the order in which they were made. They may begin at steps of other tasks. */
  edges: Edge[]
  /** When the last of its completed steps was processed. */
  latest_completion: Timestamp | null
  /** Start of the transaction in which it was read. */
  now: Timestamp
  /** Those of `KnownVersions::tables` that have an enabled row trigger of the application. Empty where only chosen steps were asked for. */
  row_triggers: string[]
  /** Its steps, by id. */
  steps: StepSnapshot[]
  /** The task, without its steps. */
  task: TaskRecord
  /** Its row's other columns, unless the caller has this version. */
  task_details: TaskDetails | null
  /** The version of its row. */
  task_version: string
}

/** What is said of a template. */
export interface TemplateAnalysis {
  /** Walks along the dependencies, depth first, that end where they have been before; that step stands at both ends. */
  cycles: number[][]
  /** The highest level; 0 if there is none. */
  depth: number
  /** Steps on which none depends. */
  leaves: number[]
  /** In the order of the topology: edges on the longest path from a step without dependencies. */
  levels: number[]
  /** Steps without dependencies. */
  roots: number[]
  /** All steps, each behind those that it depends on; none at all if there is a cycle. */
  topology: number[]
  /** The most steps on one level; 1 if there is none. */
  width: number
}

/** A `timestamp without time zone`, in microseconds since 1970-01-01 00:00:00 of the session's own time zone. */
export type Timestamp = number

/** `id` of a row in one of the two transition tables */
export type TransitionId = number

/** The result of a transition. */
export interface TransitionResultRecorded {
  result: "recorded"
  /** Where the owner came from. */
  from: State
  /** Its row. */
  id: TransitionId
  /** Its place in the history. */
  sort_key: number
}

/** The result of a transition. */
export interface TransitionResultRefusedNoSuchTransition {
  result: "refused"
  /** The state the owner is in. */
  from: State
  reason: "no_such_transition"
}

/** The result of a transition. */
export interface TransitionResultRefusedGuardFailed {
  result: "refused"
  /** The state the owner is in. */
  from: State
  /** The guard. */
  guard: Guard
  reason: "guard_failed"
}

/** The result of a transition. */
export interface TransitionResultRefusedClaimLost {
  result: "refused"
  /** The state the owner is in. */
  from: State
  reason: "claim_lost"
}

/** The result of a transition. */
export interface TransitionResultRefusedTaskClaimLost {
  result: "refused"
  /** The state the step is in. */
  from: State
  reason: "task_claim_lost"
}

/** The result of a transition. */
export interface TransitionResultRefusedUnknownSubject {
  result: "refused"
  reason: "unknown_subject"
}

/** The result of a transition. */
export type TransitionResult = TransitionResultRecorded | TransitionResultRefusedNoSuchTransition | TransitionResultRefusedGuardFailed | TransitionResultRefusedClaimLost | TransitionResultRefusedTaskClaimLost | TransitionResultRefusedUnknownSubject

/** A step that may be run now. */
export interface ViableStep {
  /** Its state. */
  state: State
  /** The step. */
  step: StepId
}

/** Limits a list of the slowest steps or tasks; what is left out does not limit. */
export interface Choice {
  /** How many; 10 where it is left out. */
  readonly limit?: number | null | undefined
  /** Of this namespace. */
  readonly namespace?: string | null | undefined
  /** Tasks made since then, in microseconds since 1970 (UTC); within the last 24 hours where it is left out. */
  readonly since?: InstantArgument | null | undefined
  /** Of this name. */
  readonly task_name?: string | null | undefined
  /** Of this version. */
  readonly version?: string | null | undefined
}

/** The claims that a worker has. A claim is the transition to in progress that the worker wrote; its id distinguishes it from the claims of other workers, before and after. A transition is refused where a claim that is given has been lost; `None` compares states only. */
export interface Claims {
  /** The claim of the task or step that moves. A step moves from this claim only. A task moves unless it is in progress by another. */
  readonly own?: IntegerArgument | null | undefined
  /** The claim of the task to which the step belongs. The step moves unless the task is in progress by another. */
  readonly task?: IntegerArgument | null | undefined
}

/** `to_step` waits for `from_step`. */
export interface EdgeArgument {
  /** The step that must end first. */
  readonly from: IntegerArgument
  /** The step that waits. */
  readonly to: IntegerArgument
}

/** How an attempt ended. */
export type Ending = "complete" | "error"

/** The metadata of a transition: a JSON object. */
export type Metadata = Readonly<Record<string, unknown>>

/** Who moves through a machine. */
export type Owner = "task" | "step"

/** A kind of task: namespace, name and version of its definition. */
export interface TaskKindArgument {
  /** The name. */
  readonly name: string
  /** The namespace. */
  readonly namespace: string
  /** The version. */
  readonly version: string
}

/** A step as its task's handler declares it. */
export interface Template {
  /** Names of the steps it waits for, each once. */
  readonly depends_on: readonly string[]
  /** Its name, unique within the task. */
  readonly name: string
  /** Attempts it is allowed. */
  readonly retry_limit: number
  /** May it be run? */
  readonly retryable: boolean
  /** May it be skipped? */
  readonly skippable: boolean
  /** Name of the system it works with. */
  readonly system: string
}
