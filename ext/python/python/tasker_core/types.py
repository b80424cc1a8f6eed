"""The types of arguments and answers. Made from tests/hosted/operations.json by ext/python/tools/generate.py; do not edit.

sha256 of its source: fa3c723c7300f3e7c8dd1093cd15d35e079572f4d7026ec9be7dcd81e383637f
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict


class Activity(TypedDict):
    """What has been counted."""

    active_tasks: int
    """Tasks with a step whose most recent transition leads neither to an end nor to an error. (To the engine `cancelled` is no end here.)"""

    namespaces: int
    """Names of namespaces that have a task."""

    now: str
    """When the transaction began in which this was read, likewise."""

    period: Period
    """Everything made since the beginning of the period."""

    recently_completed: int
    """Tasks made within the last hour of which a step is complete."""

    recently_failed: int
    """Tasks made within the last hour of which a step is in error. A task may be in both."""

    since: str
    """The beginning of the period, as text with the session's time zone."""

    task_types: int
    """Names of named tasks that have a task."""


class AllowedTransitions(TypedDict):
    """A state with those that may follow it now."""

    allowed: list[State]
    """The states that may follow it, in the machine's order."""

    state: State
    """The current state."""


class BlockerExhausted(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    attempts: int
    """Attempts made."""

    kind: Literal['exhausted']

    limit: int
    """Attempts allowed."""


class BlockerNotRetryable(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    kind: Literal['not_retryable']


class BlockerProcessed(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    kind: Literal['processed']


class BlockerInProcess(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    kind: Literal['in_process']


class BlockerCancelledParent(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    kind: Literal['cancelled_parent']


class BlockerParents(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    kind: Literal['parents']

    open: int
    """How many."""

    total: int
    """Out of how many."""


class BlockerBackoff(TypedDict):
    """The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""

    kind: Literal['backoff']

    until: Timestamp
    """Its end; `i64::MAX` for `infinity`."""


Blocker: TypeAlias = 'BlockerExhausted | BlockerNotRetryable | BlockerProcessed | BlockerInProcess | BlockerCancelledParent | BlockerParents | BlockerBackoff'
"""The first condition that keeps a pending or failed step from being run; those that only a person can change come first."""


CheckPermitted = TypedDict("CheckPermitted", {'from': 'State', 'result': "Literal['permitted']"})
"""Whether a transition is possible."""


CheckRefusedNoSuchTransition = TypedDict("CheckRefusedNoSuchTransition", {'result': "Literal['refused']", 'from': 'State', 'reason': "Literal['no_such_transition']"})
"""Whether a transition is possible."""


CheckRefusedGuardFailed = TypedDict("CheckRefusedGuardFailed", {'result': "Literal['refused']", 'from': 'State', 'guard': 'Guard', 'reason': "Literal['guard_failed']"})
"""Whether a transition is possible."""


CheckRefusedClaimLost = TypedDict("CheckRefusedClaimLost", {'result': "Literal['refused']", 'from': 'State', 'reason': "Literal['claim_lost']"})
"""Whether a transition is possible."""


CheckRefusedTaskClaimLost = TypedDict("CheckRefusedTaskClaimLost", {'result': "Literal['refused']", 'from': 'State', 'reason': "Literal['task_claim_lost']"})
"""Whether a transition is possible."""


class CheckRefusedUnknownSubject(TypedDict):
    """Whether a transition is possible."""

    result: Literal['refused']

    reason: Literal['unknown_subject']


Check: TypeAlias = 'CheckPermitted | CheckRefusedNoSuchTransition | CheckRefusedGuardFailed | CheckRefusedClaimLost | CheckRefusedTaskClaimLost | CheckRefusedUnknownSubject'
"""Whether a transition is possible."""


class Choice(TypedDict, total=False):
    """Limits a list of the slowest steps or tasks; what is left out does not limit."""

    limit: int | None
    """How many; 10 where it is left out."""

    namespace: str | None
    """Of this namespace."""

    since: Timestamp | None
    """Tasks made since then, in microseconds since 1970 (UTC); within the last 24 hours where it is left out."""

    task_name: str | None
    """Of this name."""

    version: str | None
    """Of this version."""


class Claims(TypedDict, total=False):
    """The claims that a worker has. A claim is the transition to in progress that the worker wrote; its id distinguishes it from the claims of other workers, before and after. A transition is refused where a claim that is given has been lost; `None` compares states only."""

    own: TransitionId | None
    """The claim of the task or step that moves. A step moves from this claim only. A task moves unless it is in progress by another."""

    task: TransitionId | None
    """The claim of the task to which the step belongs. The step moves unless the task is in progress by another."""


class CompletionStatistics(TypedDict):
    """How many steps a task has, by what became of them."""

    completed: int
    """Complete or resolved manually."""

    failed: int
    """In error."""

    latest_completion: Timestamp | None
    """When the last of the completed ones was processed."""

    total: int
    """All of them."""


class Definition(TypedDict):
    """The definition that a task follows."""

    namespace: str
    """Its namespace."""

    task_name: str
    """The named task's name."""

    version: str
    """Its version."""


class Drawing(TypedDict):
    """Pictures of a task."""

    dot: str
    """Its graph in Graphviz' language."""

    mermaid: str
    """Its graph as a Mermaid flowchart."""

    svg: str
    """Its graph as SVG."""

    timeline: str
    """Its attempts over time as SVG."""


Edge = TypedDict("Edge", {'from': 'StepId', 'to': 'StepId'})
"""`to_step` waits for `from_step`."""

EdgeId: TypeAlias = 'int'
"""`tasker_workflow_step_edges.id`"""


class EdgeRow(TypedDict):
    """An edge with everything that its row says."""

    created_at: Timestamp
    """When it was made."""

    edge: Edge
    """The connected steps."""

    id: EdgeId
    """The row's id."""

    name: str
    """The kind of edge; the engine uses `provides` only."""

    updated_at: Timestamp
    """When it was last changed."""

Ending: TypeAlias = "Literal['complete', 'error']"
"""How an attempt ended."""


class Established(TypedDict):
    """The steps of a task, all of which exist with all of their edges."""

    distinct_to: StepId | None
    """The last step of the task, if no two of its steps have one name."""

    named_steps: list[NamedStep]
    """The definitions of all steps that the task has, each once, by id."""

    named_task: NamedTask
    """The task's definition."""

    steps: list[StepId]
    """Their ids, in the order of the templates."""


class ExecutionContext(TypedDict):
    """A task's execution context: the thirteen columns that the engine's callers see, in their order."""

    completed_steps: int
    """Steps complete or resolved manually."""

    completion_percentage: Percentage
    """Completed steps of all steps."""

    execution_status: ExecutionStatus
    """Where the task stands."""

    failed_steps: int
    """Steps in error."""

    health_status: HealthStatus
    """Whether failures endanger it."""

    in_progress_steps: int
    """Steps in progress."""

    named_task_id: NamedTaskId
    """Its definition."""

    pending_steps: int
    """Steps that are pending."""

    ready_steps: int
    """Steps that may be run now."""

    recommended_action: RecommendedAction
    """What to do about it."""

    status: State
    """`pending` where there is no transition."""

    task_id: TaskId
    """The task."""

    total_steps: int
    """Steps in any state, words outside of the machine included."""

ExecutionStatus: TypeAlias = "Literal['has_ready_steps', 'processing', 'blocked_by_failures', 'all_complete', 'waiting_for_dependencies']"
"""Where a task stands."""


class Graph(TypedDict):
    """The graph of a task."""

    edges: list[Edge]
    """Its edges."""

    nodes: list[GraphNode]
    """Its steps, by id."""


class GraphNode(TypedDict):
    """A step in a graph."""

    id: StepId
    """The step."""

    level: int
    """Its longest distance from a root."""

    name: str
    """Its name."""

Guard: TypeAlias = "Literal['parents_done', 'steps_done']"
"""A condition on entering a state, beyond the one that the state before allows it."""

HealthStatus: TypeAlias = "Literal['healthy', 'recovering', 'blocked']"
"""Whether failures endanger a task."""


class KindOfTask(TypedDict):
    """The kind of a task, with the names of its steps."""

    kind: TaskKind
    """The kind."""

    steps: list[str]
    """The names of the steps that the task has, each once, in the database's order of texts."""


class Level(TypedDict):
    """The longest distance of a step from a root."""

    level: int
    """Edges on the longest path from any root; 0 for roots."""

    step: StepId
    """The step."""

Metadata: TypeAlias = 'Mapping[str, object]'
"""The metadata of a transition: a JSON object."""

Micros: TypeAlias = 'int'
"""A span of time in microseconds."""


class NamedStep(TypedDict):
    """The definition of a step: its whole row."""

    created_at: Timestamp
    """When the row was made."""

    dependent_system_id: int
    """The id of the system that it works with."""

    description: str | None
    """Its purpose."""

    id: NamedStepId
    """The definition."""

    name: str
    """Its name, unique within that system."""

    updated_at: Timestamp
    """When the row was last written."""

NamedStepId: TypeAlias = 'int'
"""`tasker_named_steps.named_step_id`"""


class NamedTask(TypedDict):
    """The definition of a task: its whole row."""

    configuration: str | None
    """Settings, as JSON text."""

    created_at: Timestamp
    """When the row was made."""

    description: str | None
    """Its purpose."""

    id: NamedTaskId
    """The definition."""

    name: str
    """Its name, unique within its namespace and version."""

    task_namespace_id: int
    """The id of its namespace."""

    updated_at: Timestamp
    """When the row was last written."""

    version: str
    """Such as `0.1.0`."""

NamedTaskId: TypeAlias = 'int'
"""`tasker_named_tasks.named_task_id`"""

Owner: TypeAlias = "Literal['task', 'step']"
"""Who moves through a machine."""


class ParentCount(TypedDict):
    """How many incoming edges a step has and how many come from satisfied steps."""

    completed: int
    """Those whose from-step is complete or resolved manually."""

    total: int
    """Incoming edges."""

Percentage: TypeAlias = 'str'
"""A share of a whole in hundredths of a percent, rounded half up."""


class Period(TypedDict):
    """The tasks made within a period, and their steps."""

    completed_steps: int
    """Those that are complete."""

    completed_tasks: int
    """Those of which a step is complete."""

    failed_tasks: int
    """Those of which a step is in error."""

    since_step: int
    """Microseconds from the making of the step to its completion, over all of those."""

    since_task: int
    """Microseconds from the making of its task to its completion, over all of those."""

    steps: int
    """Steps of these tasks."""

    tasks: int
    """Tasks."""


class Rates(TypedDict):
    """What follows from it."""

    completion: float
    """The percentage of the period's tasks that are complete, to two digits; 0 if there is none."""

    failure: float
    """The percentage of those in error, likewise."""

    health: float
    """The share of complete tasks among those of the last hour that are complete or in error, to three digits; 1 if there is none."""

    step_seconds: float
    """The mean of `Period::since_step`, likewise."""

    task_seconds: float
    """The mean of `Period::since_task` over steps, in seconds to three digits; 0 if there is none."""


class Readiness(TypedDict):
    """A step's readiness: the sixteen columns that the engine's callers see, in their order."""

    attempts: int
    """Attempts made, 0 where unknown."""

    backoff_request_seconds: int | None
    """The wait in seconds that a handler asked for."""

    completed_parents: int
    """Incoming edges from satisfied steps."""

    current_state: State
    """`pending` where there is no transition."""

    dependencies_satisfied: bool
    """Every incoming edge comes from a satisfied step."""

    last_attempted_at: Timestamp | None
    """The end of the last attempt."""

    last_failure_at: Timestamp | None
    """When it failed, if failed is what it is."""

    name: str
    """The definition's name."""

    named_step_id: NamedStepId
    """Its definition."""

    next_retry_at: Timestamp | None
    """The end of its wait; the requested one if there is one, though both must be over."""

    ready_for_execution: bool
    """The step may be run now."""

    retry_eligible: bool
    """Attempts are left. Says nothing of state, waits or `retryable`."""

    retry_limit: int
    """Attempts allowed, `DEFAULT_RETRY_LIMIT` where unknown."""

    task_id: TaskId
    """Its task."""

    total_parents: int
    """Incoming edges."""

    workflow_step_id: StepId
    """The step."""


class ReadyStep(TypedDict):
    """A step that may be run now."""

    failed: bool
    """Has it failed before? Otherwise it is pending."""

    step: StepId
    """The step."""

    task: TaskId
    """Its task."""

RecommendedAction: TypeAlias = "Literal['execute_ready_steps', 'wait_for_completion', 'handle_failures', 'finalize_task', 'wait_for_dependencies']"
"""What to do with a task."""


Recorded = TypedDict("Recorded", {'from': 'State', 'id': 'TransitionId', 'sort_key': 'int'})
"""A transition that was recorded."""


RefusalNoSuchTransition = TypedDict("RefusalNoSuchTransition", {'from': 'State', 'reason': "Literal['no_such_transition']"})
"""Why a transition is not possible."""


RefusalGuardFailed = TypedDict("RefusalGuardFailed", {'from': 'State', 'guard': 'Guard', 'reason': "Literal['guard_failed']"})
"""Why a transition is not possible."""


RefusalClaimLost = TypedDict("RefusalClaimLost", {'from': 'State', 'reason': "Literal['claim_lost']"})
"""Why a transition is not possible."""


RefusalTaskClaimLost = TypedDict("RefusalTaskClaimLost", {'from': 'State', 'reason': "Literal['task_claim_lost']"})
"""Why a transition is not possible."""


class RefusalUnknownSubject(TypedDict):
    """Why a transition is not possible."""

    reason: Literal['unknown_subject']


Refusal: TypeAlias = 'RefusalNoSuchTransition | RefusalGuardFailed | RefusalClaimLost | RefusalTaskClaimLost | RefusalUnknownSubject'
"""Why a transition is not possible."""


class Relationship(TypedDict):
    """A step among its neighbours."""

    children: list[StepId]
    """Where its outgoing edges end, likewise."""

    depth: int | None
    """Edges on the shortest path from a root; `None` beyond `DEEPEST`, and where no root leads."""

    parents: list[StepId]
    """Where its incoming edges begin, in ascending order; a step once for each edge."""

    step: StepIdentity
    """The step."""


class SlowStep(TypedDict):
    """A complete step."""

    attempts: int | None
    """Attempts made."""

    complete_at: Timestamp
    """When it was complete."""

    definition: Definition
    """What its task follows."""

    made_at: Timestamp
    """When it was made."""

    name: str
    """Its name."""

    retryable: bool
    """May it be retried?"""

    seconds: float
    """Seconds from its making to its completion, to three digits."""

    step: StepId
    """The step."""

    task: TaskId
    """Its task."""


class SlowTask(TypedDict):
    """A task of which a step has ended, complete or in error."""

    complete: int
    """Those that are complete."""

    definition: Definition
    """What it follows."""

    ended_at: Timestamp
    """When its last ended step ended."""

    failed: int
    """Those in error."""

    initiator: str | None
    """Who asked for it."""

    made_at: Timestamp
    """When it was made."""

    seconds: float
    """Seconds from its making to the end of its last ended step, to three digits."""

    source_system: str | None
    """On behalf of what."""

    steps: int
    """Its steps."""

    task: TaskId
    """The task."""

State: TypeAlias = 'str'
"""A state of a task or a step."""


class StepDetails(TypedDict):
    """The columns of a step's row that no rule reads; with `StepRecord` they are the whole row."""

    created_at: Timestamp
    """When the row was made."""

    inputs: str | None
    """Its inputs, as JSON text."""

    processed_at: Timestamp | None
    """When a handler succeeded."""

    results: str | None
    """The results of its handler, as JSON text."""

    skippable: bool
    """May it be skipped?"""

    updated_at: Timestamp
    """When the row was last written."""

StepId: TypeAlias = 'int'
"""`tasker_workflow_steps.workflow_step_id`"""


class StepIdentity(TypedDict):
    """A step, its task and its definition."""

    id: StepId
    """The step."""

    named_step_id: NamedStepId
    """Its definition."""

    task_id: TaskId
    """The task it belongs to."""


class StepRecord(TypedDict):
    """A step with its retry policy and its most recent transition."""

    attempts: int | None
    """Attempts made so far."""

    backoff_request_seconds: int | None
    """The wait in seconds that a handler asked for."""

    failed_at: Timestamp | None
    """When the step failed, if the most recent transition is a failure."""

    id: StepId
    """The step."""

    in_process: bool
    """Is a worker's claim flag set? (The engine reads it and never sets it.)"""

    last_attempted_at: Timestamp | None
    """The end of the last attempt."""

    name: str
    """The definition's name."""

    named_step_id: NamedStepId
    """Its definition."""

    parents: ParentCount
    """Its incoming edges."""

    processed: bool
    """Has a handler succeeded?"""

    retry_limit: int | None
    """Attempts allowed."""

    retryable: bool
    """May it be run at all, first attempt included?"""

    state: State | None
    """`to_state` of the most recent transition; `None` while there is none."""

    task_id: TaskId
    """The task it belongs to."""


class StepSnapshot(TypedDict):
    """A step at the moment of a task snapshot."""

    details: StepDetails | None
    """Its row's other columns, unless the caller has this version."""

    facts: StepRecord
    """The columns that rules read."""

    version: str
    """The version of its row."""


class SystemLoad(TypedDict):
    """The load of the whole system: counts of tasks, steps and connections."""

    active_connections: int
    """Connections to this database that are running a statement, this one included."""

    exhausted: int
    """Steps in error without an attempt left."""

    in_backoff: int
    """Steps in error that may be retried and have been attempted; whether their wait is over is not looked at."""

    max_connections: int
    """Connections that the server allows."""

    retryable: int
    """Steps in error that may be retried."""

    steps: int
    """All steps."""

    steps_by_state: list[int]
    """Steps by the state of their most recent transition: pending, in progress, complete, in error."""

    tasks: int
    """All tasks."""

    tasks_by_state: list[int]
    """Tasks by the state of their most recent transition: pending, in progress, complete, in error, cancelled. One without any transition is in none of them."""


class TaskCondition(TypedDict):
    """A task's execution context with the readiness of its steps."""

    context: ExecutionContext
    """How far the task has come."""

    steps: list[Readiness]
    """Its steps, by id."""


class TaskDetails(TypedDict):
    """The columns of a task's row that no rule reads; with `TaskRecord` they are the whole row."""

    bypass_steps: str | None
    """Names of steps to leave out, as JSON text."""

    complete: bool
    """Has it been closed?"""

    context: str | None
    """The input of its steps, as JSON text."""

    created_at: Timestamp
    """When the row was made."""

    identity_hash: str
    """Distinguishes it from other requests."""

    initiator: str | None
    """The initiator of the request."""

    reason: str | None
    """The reason of the request."""

    requested_at: Timestamp
    """When it was requested."""

    source_system: str | None
    """The system that has sent the request."""

    tags: str | None
    """Labels, as JSON text."""

    updated_at: Timestamp
    """When the row was last written."""

TaskId: TypeAlias = 'int'
"""`tasker_tasks.task_id`"""


class TaskKind(TypedDict):
    """A kind of task: namespace, name and version of its definition."""

    name: str
    """The name."""

    namespace: str
    """The namespace."""

    version: str
    """The version."""


class TaskRecord(TypedDict):
    """A task with its current state."""

    id: TaskId
    """The task."""

    named_task_id: NamedTaskId
    """Its definition."""

    state: State | None
    """`to_state` of the most recent transition; `None` while there is none."""


class TaskSnapshot(TypedDict):
    """A task at one moment."""

    edges: list[Edge]
    """The edges that end at these steps, in the order in which they were made. They may begin at steps of other tasks."""

    latest_completion: Timestamp | None
    """When the last of its completed steps was processed."""

    now: Timestamp
    """Start of the transaction in which it was read."""

    row_triggers: list[str]
    """Those of `KnownVersions::tables` that have an enabled row trigger of the application. Empty where only chosen steps were asked for."""

    steps: list[StepSnapshot]
    """Its steps, by id."""

    task: TaskRecord
    """The task, without its steps."""

    task_details: TaskDetails | None
    """Its row's other columns, unless the caller has this version."""

    task_version: str
    """The version of its row."""


class Template(TypedDict):
    """A step as its task's handler declares it."""

    depends_on: Sequence[str]
    """Names of the steps it waits for, each once."""

    name: str
    """Its name, unique within the task."""

    retry_limit: int
    """Attempts it is allowed."""

    retryable: bool
    """May it be run?"""

    skippable: bool
    """May it be skipped?"""

    system: str
    """Name of the system it works with."""


class TemplateAnalysis(TypedDict):
    """What is said of a template."""

    cycles: list[list[int]]
    """Walks along the dependencies, depth first, that end where they have been before; that step stands at both ends."""

    depth: int
    """The highest level; 0 if there is none."""

    leaves: list[int]
    """Steps on which none depends."""

    levels: list[int]
    """In the order of the topology: edges on the longest path from a step without dependencies."""

    roots: list[int]
    """Steps without dependencies."""

    topology: list[int]
    """All steps, each behind those that it depends on; none at all if there is a cycle."""

    width: int
    """The most steps on one level; 1 if there is none."""

Timestamp: TypeAlias = 'int'
"""A `timestamp without time zone`, in microseconds since 1970-01-01 00:00:00 of the session's own time zone."""

TransitionId: TypeAlias = 'int'
"""`id` of a row in one of the two transition tables"""


TransitionResultRecorded = TypedDict("TransitionResultRecorded", {'result': "Literal['recorded']", 'from': 'State', 'id': 'TransitionId', 'sort_key': 'int'})
"""The result of a transition."""


TransitionResultRefusedNoSuchTransition = TypedDict("TransitionResultRefusedNoSuchTransition", {'result': "Literal['refused']", 'from': 'State', 'reason': "Literal['no_such_transition']"})
"""The result of a transition."""


TransitionResultRefusedGuardFailed = TypedDict("TransitionResultRefusedGuardFailed", {'result': "Literal['refused']", 'from': 'State', 'guard': 'Guard', 'reason': "Literal['guard_failed']"})
"""The result of a transition."""


TransitionResultRefusedClaimLost = TypedDict("TransitionResultRefusedClaimLost", {'result': "Literal['refused']", 'from': 'State', 'reason': "Literal['claim_lost']"})
"""The result of a transition."""


TransitionResultRefusedTaskClaimLost = TypedDict("TransitionResultRefusedTaskClaimLost", {'result': "Literal['refused']", 'from': 'State', 'reason': "Literal['task_claim_lost']"})
"""The result of a transition."""


class TransitionResultRefusedUnknownSubject(TypedDict):
    """The result of a transition."""

    result: Literal['refused']

    reason: Literal['unknown_subject']


TransitionResult: TypeAlias = 'TransitionResultRecorded | TransitionResultRefusedNoSuchTransition | TransitionResultRefusedGuardFailed | TransitionResultRefusedClaimLost | TransitionResultRefusedTaskClaimLost | TransitionResultRefusedUnknownSubject'
"""The result of a transition."""


class ViableStep(TypedDict):
    """A step that may be run now."""

    state: State
    """Its state."""

    step: StepId
    """The step."""
