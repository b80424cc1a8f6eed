//! A task with its steps, edges and states, read at one moment.
//!
//! A host that runs a workflow needs in each round the task, its state, its steps' rows and states, the ready steps and the counts. One
//! statement reads them as one snapshot.

use super::statistics::CompletionStatistics;
use super::{ask, snapshot};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::machine::{Machine, Owner};
use crate::progress::{ExecutionContext, execution_context};
use crate::readiness::{Readiness, is_ready};
use crate::records::{Edge, StepDetails, StepRecord, TaskDetails, TaskRecord};
use crate::session::{Row, Session, Value};
use crate::sql::task_snapshot as sql;
use crate::state::State;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// Distinguishes one version of a row from every other; empty where it is unknown.
pub type RowVersion = Box<str>;

/// Versions of rows that the caller has, and that need not be read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownVersions {
    /// Of the task's row.
    pub task: Option<RowVersion>,
    /// Of its steps' rows.
    pub steps: Vec<(StepId, RowVersion)>,
    /// Whether the caller keeps the rows of all steps of the task: then each step whose version is not in `steps` is read, chosen or not.
    pub all_steps: bool,
    /// Tables whose row triggers the caller wants to know, for [`TaskSnapshot::row_triggers`].
    pub tables: Vec<Box<str>>,
}

/// A task at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TaskSnapshot"))]
pub struct TaskSnapshot {
    /// Start of the transaction in which it was read.
    pub now: Timestamp,
    /// The task, without its steps.
    pub task: TaskRecord,
    /// The version of its row.
    pub task_version: RowVersion,
    /// Its row's other columns, unless the caller has this version.
    pub task_details: Option<TaskDetails>,
    /// Its steps, by id.
    pub steps: Vec<TaskSnapshotStep>,
    /// The edges that end at these steps, in the order in which they were made. They may begin at steps of other tasks.
    pub edges: Vec<Edge>,
    /// When the last of its completed steps was processed.
    pub latest_completion: Option<Timestamp>,
    /// Those of [`KnownVersions::tables`] that have an enabled row trigger of the application. Empty where only chosen steps were asked for.
    pub row_triggers: Vec<Box<str>>,
}

/// A step at the moment of a task snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StepSnapshot"))]
pub struct TaskSnapshotStep {
    /// The columns that rules read.
    pub facts: StepRecord,
    /// The version of its row.
    pub version: RowVersion,
    /// Its row's other columns, unless the caller has this version.
    pub details: Option<StepDetails>,
}

impl TaskSnapshotStep {
    /// The state that its machine is in.
    pub fn state(&self) -> State {
        Machine::of(Owner::Step).current(self.facts.state.clone())
    }
}

impl TaskSnapshot {
    /// The state that the task's machine is in.
    pub fn state(&self) -> State {
        Machine::of(Owner::Task).current(self.task.state.clone())
    }

    /// The steps that may be run now, by id. O(steps).
    pub fn ready(&self) -> impl Iterator<Item = StepId> {
        self.steps.iter().filter(|step| is_ready(&step.facts, self.now)).map(|step| step.facts.id)
    }

    /// How far the task has come; right only where all of its steps were asked for. O(steps).
    pub fn execution_context(&self) -> ExecutionContext {
        let steps: Vec<Readiness> =
            self.steps.iter().map(|step| Readiness::of(&step.facts, self.now)).collect();
        execution_context(&self.task, &steps)
    }

    /// Its counts; right only where all of its steps were asked for. O(steps).
    pub fn statistics(&self) -> CompletionStatistics {
        let counts = CompletionStatistics { latest_completion: self.latest_completion, ..Default::default() };
        self.steps.iter().fold(counts, |mut counts, step| {
            counts.total += 1;
            match &step.facts.state {
                Some(state) if state.satisfies_dependents() => counts.completed += 1,
                Some(State::Error) => counts.failed += 1,
                _ => {}
            }
            counts
        })
    }
}

/// A task with its steps, or with `chosen` ones and their parents; `None` if there is no such task.
///
/// Rows whose versions are among `known` are not read again: of each task or step only what rules look at is sent then. One statement;
/// O(steps + edges) of the task, or of the chosen steps and their parents, and the size of the rows that are new to the caller. With
/// [`KnownVersions::all_steps`] the versions of all steps of the task are compared besides, O(steps).
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::task_snapshot::{KnownVersions, TaskSnapshot, TaskSnapshotStep, RowVersion, task_snapshot};
/// use tasker_core::state::State;
///
/// let seen: TaskSnapshot = task_snapshot(&mut *tx, task, None, &KnownVersions::default()).await?.expect("a task that exists");
/// let first: &TaskSnapshotStep = &seen.steps[0];
/// assert_eq!((seen.state(), first.state()), (State::Pending, State::Pending));
/// assert_eq!(seen.ready().collect::<Vec<_>>(), [made.steps[0]]);
/// assert_eq!((seen.execution_context().total_steps, seen.statistics().total), (4, 4));
///
/// // Rows whose version is known are not sent again.
/// let version: RowVersion = seen.task_version.clone();
/// let known = KnownVersions { task: Some(version), ..KnownVersions::default() };
/// let again = task_snapshot(&mut *tx, task, None, &known).await?.expect("a task that exists");
/// assert_eq!(again.task_details, None);
/// # Ok(()) });
/// ```
pub async fn task_snapshot<S: Session>(
    session: &mut S,
    task: TaskId,
    chosen: Option<&[StepId]>,
    known: &KnownVersions,
) -> Result<Option<TaskSnapshot>, Error> {
    let query = sql::task(sql::TaskSnapshot {
        task_id: Value::Int(task.0),
        known_task: known.task.clone().map_or(Value::Null, Value::Text),
        known_steps: Value::int_array(known.steps.iter().map(|(step, _)| step.0)),
        known_versions: Value::text_array(known.steps.iter().map(|(_, version)| &**version)),
        tables: Value::text_array(known.tables.iter().map(|table| &**table)),
        chosen: chosen.map(|steps| Value::int_array(steps.iter().map(|step| step.0))),
        and_changed: known.all_steps,
    });
    ask(session, query, |row| row.unpacked(decode)).await
}

fn decode(row: Row<'_>) -> Result<TaskSnapshot, Error> {
    let snapshot = snapshot::steps(row)?;
    let Some(task) = snapshot::tasks(row)?.into_iter().next() else {
        return Err(row.unexpected(snapshot::TASK_COLUMNS, "one task"));
    };
    Ok(TaskSnapshot {
        now: snapshot.now,
        task,
        task_version: row.text(22)?.into(),
        task_details: if row.bool(23)? { Some(task_details(row, 24)?) } else { None },
        edges: snapshot::edges(row, 19, 14)?,
        latest_completion: row.optional_timestamp(21)?,
        steps: snapshot_steps(row, snapshot.steps)?,
        row_triggers: tables(row, 42)?,
    })
}

/// Names of tables in one array.
pub(super) fn tables(row: Row<'_>, column: usize) -> Result<Vec<Box<str>>, Error> {
    Ok(row.text_array(column)?.into_iter().flatten().map(String::into_boxed_str).collect())
}

fn snapshot_steps(row: Row<'_>, steps: Vec<StepRecord>) -> Result<Vec<TaskSnapshotStep>, Error> {
    let versions = row.text_array(20)?;
    if versions.len() != steps.len() {
        return Err(row.unexpected(20, "an array of one element a step"));
    }
    let mut details = step_details(row)?;
    let snapshot_steps = steps.into_iter().zip(versions).map(|(facts, version)| TaskSnapshotStep {
        details: details.remove(&facts.id.0),
        version: version.unwrap_or_default().into_boxed_str(),
        facts,
    });
    Ok(snapshot_steps.collect())
}

/// Eleven columns from `first` on.
pub(super) fn task_details(row: Row<'_>, first: usize) -> Result<TaskDetails, Error> {
    let text = |place| Ok::<_, Error>(row.optional_text(first + place)?.map(Box::from));
    Ok(TaskDetails {
        complete: row.bool(first)?,
        requested_at: row.timestamp(first + 1)?,
        initiator: text(2)?,
        source_system: text(3)?,
        reason: text(4)?,
        bypass_steps: text(5)?,
        tags: text(6)?,
        context: text(7)?,
        identity_hash: row.text(first + 8)?.into(),
        created_at: row.timestamp(first + 9)?,
        updated_at: row.timestamp(first + 10)?,
    })
}

/// The rows that were sent, by step.
fn step_details(row: Row<'_>) -> Result<HashMap<i64, StepDetails>, Error> {
    let ids = row.int_array(35)?;
    let skippable = row.bool_array(36)?;
    let processed_at = row.optional_int_array(37)?;
    let inputs = row.text_array(38)?;
    let results = row.text_array(39)?;
    let created_at = row.int_array(40)?;
    let updated_at = row.int_array(41)?;
    let lengths = [
        skippable.len(),
        processed_at.len(),
        inputs.len(),
        results.len(),
        created_at.len(),
        updated_at.len(),
    ];
    if let Some(short) = lengths.iter().position(|&length| length != ids.len()) {
        return Err(row.unexpected(short + 36, "an array of one element a row"));
    }
    let json = inputs.into_iter().zip(results);
    let details = ids.into_iter().zip(json).enumerate().map(|(i, (id, (inputs, results)))| {
        let details = StepDetails {
            skippable: skippable[i],
            processed_at: processed_at[i].map(Timestamp),
            inputs: inputs.map(String::into_boxed_str),
            results: results.map(String::into_boxed_str),
            created_at: Timestamp(created_at[i]),
            updated_at: Timestamp(updated_at[i]),
        };
        (id, details)
    });
    Ok(details.collect())
}
