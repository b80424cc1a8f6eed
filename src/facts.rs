//! Rows as they are read: the only shapes that cross rooms.
//!
//! Optional columns stay optional here. What a missing value means is a rule, and rules live in the rooms that apply them.

use crate::ids::{EdgeId, NamedStepId, NamedTaskId, StepId, TaskId};
use crate::state::State;
use crate::time::Timestamp;

/// A step with what its retry policy and its most recent transition say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFacts {
    /// The step.
    pub id: StepId,
    /// The task it belongs to.
    pub task_id: TaskId,
    /// Its definition.
    pub named_step_id: NamedStepId,
    /// The definition's name.
    pub name: Box<str>,
    /// `to_state` of the most recent transition; `None` while there is none.
    pub state: Option<State>,
    /// When the step failed, if the most recent transition is a failure.
    pub failed_at: Option<Timestamp>,
    /// Has a handler ended well?
    pub processed: bool,
    /// Is a worker's claim flag set? (The engine reads it and never sets it.)
    pub in_process: bool,
    /// May it be run at all, first attempt included?
    pub retryable: bool,
    /// Attempts made so far.
    pub attempts: Option<i32>,
    /// Attempts allowed.
    pub retry_limit: Option<i32>,
    /// The wait in seconds that a handler asked for.
    pub backoff_request_seconds: Option<i32>,
    /// The end of the last attempt.
    pub last_attempted_at: Option<Timestamp>,
    /// Its incoming edges.
    pub parents: ParentCount,
}

/// How many incoming edges a step has and how many come from satisfied steps.
///
/// Edges are counted, not steps: the schema allows the same edge twice, and it then counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParentCount {
    /// Incoming edges.
    pub total: u32,
    /// Those whose from-step is complete or resolved manually.
    pub completed: u32,
}

impl ParentCount {
    /// Is nothing left to wait for?
    pub fn is_satisfied(self) -> bool {
        self.completed == self.total
    }
}

/// `to_step` waits for `from_step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The step that must end first.
    pub from: StepId,
    /// The step that waits.
    pub to: StepId,
}

/// An edge with everything that its row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeRow {
    /// The row's id.
    pub id: EdgeId,
    /// What it connects.
    pub edge: Edge,
    /// The kind of edge; the engine knows `provides` only.
    pub name: Box<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step, its task and its definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepIdentity {
    /// The step.
    pub id: StepId,
    /// The task it belongs to.
    pub task_id: TaskId,
    /// Its definition.
    pub named_step_id: NamedStepId,
}

/// A task with its current state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFacts {
    /// The task.
    pub id: TaskId,
    /// Its definition.
    pub named_task_id: NamedTaskId,
    /// `to_state` of the most recent transition; `None` while there is none.
    pub state: Option<State>,
}

/// Steps read together with the database's clock at that moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepSnapshot {
    /// Start of the transaction in which the rows were read, which is what the engine compares waits with.
    pub now: Timestamp,
    /// Ordered by task id, then step id.
    pub steps: Vec<StepFacts>,
}

/// The columns of a step's row that no rule looks at; with [`StepFacts`] they are the whole row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepDetails {
    /// May it be skipped?
    pub skippable: bool,
    /// When a handler ended well.
    pub processed_at: Option<Timestamp>,
    /// What it was created with, as JSON text.
    pub inputs: Option<Box<str>>,
    /// What its handler left, as JSON text.
    pub results: Option<Box<str>>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
}

/// The columns of a task's row that no rule looks at; with [`TaskFacts`] they are the whole row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDetails {
    /// Has it been closed?
    pub complete: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// By whom.
    pub initiator: Option<Box<str>>,
    /// From where.
    pub source_system: Option<Box<str>>,
    /// What for.
    pub reason: Option<Box<str>>,
    /// Names of steps to leave out, as JSON text.
    pub bypass_steps: Option<Box<str>>,
    /// Labels, as JSON text.
    pub tags: Option<Box<str>>,
    /// What its steps work on, as JSON text.
    pub context: Option<Box<str>>,
    /// What tells it from other requests.
    pub identity_hash: Box<str>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
}

/// The definition of a task: its whole row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTask {
    /// The definition.
    pub id: NamedTaskId,
    /// Its name, unique within its namespace and version.
    pub name: Box<str>,
    /// What it is for.
    pub description: Option<Box<str>>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
    /// The id of its namespace.
    pub task_namespace_id: i64,
    /// Such as `0.1.0`.
    pub version: Box<str>,
    /// Settings, as JSON text.
    pub configuration: Option<Box<str>>,
}

/// The definition of a step: its whole row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedStep {
    /// The definition.
    pub id: NamedStepId,
    /// The id of the system that it works with.
    pub dependent_system_id: i64,
    /// Its name, unique within that system.
    pub name: Box<str>,
    /// What it is for.
    pub description: Option<Box<str>>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
}
