//! Rows as read from the database: the only types that cross modules.
//!
//! Optional columns stay optional here. The meaning of a missing value is a rule of the module that applies it.

use crate::ids::{EdgeId, NamedStepId, NamedTaskId, StepId, TaskId};
use crate::state::State;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A step with its retry policy and its most recent transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepRecord {
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
    /// Has a handler succeeded?
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

impl StepRecord {
    /// A step without history and parents that may be retried: for rules on steps that are not in a database.
    ///
    /// ```
    /// use tasker_core::records::StepRecord;
    /// use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// use tasker_core::readiness::is_ready;
    /// use tasker_core::state::State;
    /// use tasker_core::time::Timestamp;
    ///
    /// let ship = StepRecord::new(StepId(1), TaskId(7), NamedStepId(3), "ship");
    /// assert!(is_ready(&ship, Timestamp(0)));
    /// let shipped = StepRecord { state: Some(State::Complete), processed: true, ..ship };
    /// assert!(!is_ready(&shipped, Timestamp(0)));
    /// ```
    pub fn new(id: StepId, task_id: TaskId, named_step_id: NamedStepId, name: &str) -> Self {
        StepRecord {
            id,
            task_id,
            named_step_id,
            name: name.into(),
            state: None,
            failed_at: None,
            processed: false,
            in_process: false,
            retryable: true,
            attempts: None,
            retry_limit: None,
            backoff_request_seconds: None,
            last_attempted_at: None,
            parents: ParentCount::default(),
        }
    }
}

/// How many incoming edges a step has and how many come from satisfied steps.
///
/// Edges are counted, not steps: the schema allows the same edge twice, and it then counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParentCount {
    /// Incoming edges.
    pub total: u32,
    /// Those whose from-step is complete or resolved manually.
    pub completed: u32,
}

impl ParentCount {
    /// Is nothing left to wait for?
    ///
    /// ```
    /// use tasker_core::records::ParentCount;
    ///
    /// assert!(ParentCount { total: 2, completed: 2 }.is_satisfied());
    /// assert!(!ParentCount { total: 2, completed: 1 }.is_satisfied());
    /// ```
    pub fn is_satisfied(self) -> bool {
        self.completed == self.total
    }
}

/// `to_step` waits for `from_step`.
///
/// ```
/// use tasker_core::records::Edge;
/// use tasker_core::graph::Dag;
/// use tasker_core::ids::StepId;
///
/// let edge = Edge { from: StepId(1), to: StepId(2) };
/// assert_eq!(Dag::new([edge.from, edge.to], [edge]).roots().collect::<Vec<_>>(), [edge.from]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The step that must end first.
    pub from: StepId,
    /// The step that waits.
    pub to: StepId,
}

/// An edge with everything that its row says.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::records::EdgeRow;
/// use tasker_core::operations::edges::sibling_edges;
///
/// let rows: Vec<EdgeRow> = sibling_edges(&mut *tx, made.step("left").unwrap()).await?;
/// assert!(rows.iter().all(|row| &*row.name == "provides" && row.updated_at >= row.created_at));
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EdgeRow {
    /// The row's id.
    pub id: EdgeId,
    /// The connected steps.
    pub edge: Edge,
    /// The kind of edge; the engine uses `provides` only.
    pub name: Box<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step, its task and its definition.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::records::StepIdentity;
/// use tasker_core::operations::relationships::of_tasks;
///
/// let steps: Vec<StepIdentity> = of_tasks(&mut *tx, &[task]).await?.into_iter().map(|one| one.step).collect();
/// assert!(steps.iter().all(|step| step.task_id == task));
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepIdentity {
    /// The step.
    pub id: StepId,
    /// The task it belongs to.
    pub task_id: TaskId,
    /// Its definition.
    pub named_step_id: NamedStepId,
}

/// A task with its current state.
///
/// ```
/// use tasker_core::records::TaskRecord;
/// use tasker_core::ids::{NamedTaskId, TaskId};
/// use tasker_core::progress::{ExecutionStatus, execution_context};
///
/// let empty = TaskRecord { id: TaskId(7), named_task_id: NamedTaskId(1), state: None };
/// assert_eq!(execution_context(&empty, &[]).execution_status, ExecutionStatus::WaitingForDependencies);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskRecord {
    /// The task.
    pub id: TaskId,
    /// Its definition.
    pub named_task_id: NamedTaskId,
    /// `to_state` of the most recent transition; `None` while there is none.
    pub state: Option<State>,
}

/// Steps read together with the database's clock at that moment.
///
/// ```
/// use tasker_core::records::{StepRecord, StepSnapshot};
/// use tasker_core::ids::{NamedStepId, StepId, TaskId};
/// use tasker_core::readiness::readiness;
/// use tasker_core::time::Timestamp;
///
/// let step = StepRecord::new(StepId(1), TaskId(7), NamedStepId(3), "ship");
/// let snapshot = StepSnapshot { now: Timestamp(0), steps: vec![step], ..StepSnapshot::default() };
/// assert!(readiness(&snapshot)[0].ready_for_execution);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepSnapshot {
    /// Start of the transaction in which the rows were read; the engine compares waits with it.
    pub now: Timestamp,
    /// Ordered by task id, then step id.
    pub steps: Vec<StepRecord>,
}

/// The columns of a step's row that no rule reads; with [`StepRecord`] they are the whole row.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::records::{StepDetails, TaskDetails};
/// use tasker_core::operations::task_snapshot::{KnownVersions, task_snapshot};
///
/// let seen = task_snapshot(&mut *tx, task, None, &KnownVersions::default()).await?.unwrap();
/// let details: &TaskDetails = seen.task_details.as_ref().unwrap();
/// println!("{} {}", details.identity_hash, details.created_at);
/// let steps: Vec<&StepDetails> = seen.steps.iter().filter_map(|step| step.details.as_ref()).collect();
/// assert_eq!(steps.len(), 4);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepDetails {
    /// May it be skipped?
    pub skippable: bool,
    /// When a handler succeeded.
    pub processed_at: Option<Timestamp>,
    /// Its inputs, as JSON text.
    pub inputs: Option<Box<str>>,
    /// The results of its handler, as JSON text.
    pub results: Option<Box<str>>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
}

/// The columns of a task's row that no rule reads; with [`TaskRecord`] they are the whole row.
///
/// ```
/// use tasker_core::records::TaskDetails;
///
/// fn title(details: &TaskDetails) -> String {
///     format!("requested by {}", details.initiator.as_deref().unwrap_or("an unknown caller"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskDetails {
    /// Has it been closed?
    pub complete: bool,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// The initiator of the request.
    pub initiator: Option<Box<str>>,
    /// The system that has sent the request.
    pub source_system: Option<Box<str>>,
    /// The reason of the request.
    pub reason: Option<Box<str>>,
    /// Names of steps to leave out, as JSON text.
    pub bypass_steps: Option<Box<str>>,
    /// Labels, as JSON text.
    pub tags: Option<Box<str>>,
    /// The input of its steps, as JSON text.
    pub context: Option<Box<str>>,
    /// Distinguishes it from other requests.
    pub identity_hash: Box<str>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
}

/// The definition of a task: its whole row.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::records::NamedTask;
/// use tasker_core::operations::definitions::named_task;
///
/// let found: Option<NamedTask> = named_task(&mut *tx, "payments", "settle", "1.0.0").await?;
/// assert_eq!(found.map(|task| task.name), None);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedTask {
    /// The definition.
    pub id: NamedTaskId,
    /// Its name, unique within its namespace and version.
    pub name: Box<str>,
    /// Its purpose.
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
///
/// ```
/// use tasker_core::records::NamedStep;
///
/// fn title(step: &NamedStep) -> String {
///     format!("{} ({})", step.name, step.description.as_deref().unwrap_or("no description"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedStep {
    /// The definition.
    pub id: NamedStepId,
    /// The id of the system that it works with.
    pub dependent_system_id: i64,
    /// Its name, unique within that system.
    pub name: Box<str>,
    /// Its purpose.
    pub description: Option<Box<str>>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last written.
    pub updated_at: Timestamp,
}
