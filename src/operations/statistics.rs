//! Counts: how far a task is, and how busy the system.

use super::ask;
use crate::error::Error;
use crate::ids::TaskId;
use crate::session::{Row, Session, Value};
use crate::sql;
use crate::time::Timestamp;
use serde::{Serialize, Serializer};

/// How many steps a task has, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompletionStatistics {
    /// All of them.
    pub total: u32,
    /// Complete or resolved manually.
    pub completed: u32,
    /// In error.
    pub failed: u32,
    /// When the last of the completed ones was processed.
    pub latest_completion: Option<Timestamp>,
}

impl CompletionStatistics {
    /// Everything that is neither completed nor failed; to the engine, cancelled steps and those in progress are pending here.
    pub fn pending(&self) -> u32 {
        self.total.saturating_sub(self.completed + self.failed)
    }

    /// Is there a step, and is every step completed?
    pub fn all_complete(&self) -> bool {
        self.total > 0 && self.completed == self.total
    }
}

/// The completion statistics of a task; all zero for an unknown one. One statement, O(steps).
///
/// Equal to the engine's `WorkflowStep.task_completion_stats`, which takes four.
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
/// use tasker_core::operations::statistics::{CompletionStatistics, SystemLoad, completion_statistics, system_load};
///
/// let statistics: CompletionStatistics = completion_statistics(&mut *tx, task).await?;
/// assert_eq!((statistics.total, statistics.pending(), statistics.all_complete()), (4, 4, false));
/// let load: SystemLoad = system_load(&mut *tx).await?;
/// assert!(load.tasks >= 1 && load.steps >= 4);
/// # Ok(()) });
/// ```
pub async fn completion_statistics<S: Session>(
    session: &mut S,
    task: TaskId,
) -> Result<CompletionStatistics, Error> {
    Ok(ask(session, sql::statistics::completion(Value::Int(task.0)), completion).await?.unwrap_or_default())
}

fn completion(row: Row<'_>) -> Result<CompletionStatistics, Error> {
    Ok(CompletionStatistics {
        total: row.count(0)?,
        completed: row.count(1)?,
        failed: row.count(2)?,
        latest_completion: row.optional_timestamp(3)?,
    })
}

/// The load of the whole system: counts of tasks, steps and connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SystemLoad {
    /// All tasks.
    pub tasks: i64,
    /// Tasks by the state of their most recent transition: pending, in progress, complete, in error, cancelled. One without any
    /// transition is in none of them.
    #[serde(serialize_with = "as_list")]
    pub tasks_by_state: [i64; 5],
    /// All steps.
    pub steps: i64,
    /// Steps by the state of their most recent transition: pending, in progress, complete, in error.
    #[serde(serialize_with = "as_list")]
    pub steps_by_state: [i64; 4],
    /// Steps in error that may be retried.
    pub retryable: i64,
    /// Steps in error without an attempt left.
    pub exhausted: i64,
    /// Steps in error that may be retried and have been attempted; whether their wait is over is not looked at.
    pub in_backoff: i64,
    /// Connections to this database that are running a statement, this one included.
    pub active_connections: i64,
    /// Connections that the server allows.
    pub max_connections: i64,
}

/// The load of the whole system. One statement, O(tasks + steps).
///
/// Equal to the engine's `get_system_health_counts_v01`.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn system_load<S: Session>(session: &mut S) -> Result<SystemLoad, Error> {
    Ok(ask(session, sql::statistics::system_load(), load).await?.unwrap_or_default())
}

fn load(row: Row<'_>) -> Result<SystemLoad, Error> {
    Ok(SystemLoad {
        tasks: row.int(0)?,
        tasks_by_state: [row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?, row.int(5)?],
        steps: row.int(6)?,
        steps_by_state: [row.int(7)?, row.int(8)?, row.int(9)?, row.int(10)?],
        retryable: row.int(11)?,
        exhausted: row.int(12)?,
        in_backoff: row.int(13)?,
        active_connections: row.int(14)?,
        max_connections: row.int(15)?,
    })
}

/// An array as a list: hosts tell lists from tuples.
fn as_list<S: Serializer, const N: usize>(counts: &[i64; N], serializer: S) -> Result<S::Ok, S::Error> {
    counts.as_slice().serialize(serializer)
}
