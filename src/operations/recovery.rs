//! Claims of workers that are gone, and tasks that no job is going to run.
//!
//! A sweep observes which workers have claims and no lock ([`unlocked_workers`]), decides which of them are dead
//! ([`Suspects`](crate::recovery::Suspects)), and opens a transaction for each: there it takes the worker's lock and reads its claims
//! ([`claims_of_dead_worker`]), which the host then ends by ordinary transitions.

use super::ask;
use super::context::task_execution_contexts;
use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId, WorkerKey};
use crate::progress::ExecutionStatus;
use crate::session::{Row, Session, Value};
use crate::sql::recovery as sql;
use crate::time::Micros;

/// How many tasks one statement reads.
const PAGE: i64 = 1_000;

/// A step that a worker has claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepClaim {
    /// The step.
    pub step: StepId,
    /// The transition to in progress, which is the claim's token.
    pub token: TransitionId,
    /// The step's task.
    pub task: TaskId,
}

/// A task that a worker has claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskClaim {
    /// The task.
    pub task: TaskId,
    /// The transition to in progress, which is the claim's token.
    pub token: TransitionId,
    /// Whether a step of it is claimed by another worker, or without a key. The task must stay in progress then.
    pub shared: bool,
}

/// What a worker has claimed and not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// By step.
    pub steps: Vec<StepClaim>,
    /// By task.
    pub tasks: Vec<TaskClaim>,
}

/// The workers other than `own` that have claims and do not hold their lock, in ascending order; `None` on a replica, where no lock can be
/// seen. Keys that are no integers of 64 bits are left out. One statement, O(tasks + steps).
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn unlocked_workers<S: Session>(
    session: &mut S,
    own: Option<WorkerKey>,
) -> Result<Option<Vec<WorkerKey>>, Error> {
    let own = own.map_or(Value::Null, |key| Value::text(key.to_string()));
    Ok(ask(session, sql::unlocked_workers(own), unlocked).await?.flatten())
}

fn unlocked(row: Row<'_>) -> Result<Option<Vec<WorkerKey>>, Error> {
    if row.bool(0)? {
        return Ok(None);
    }
    let keys = row.text_array(1)?.into_iter().flatten();
    let mut keys: Vec<WorkerKey> = keys.filter_map(|key| key.parse().ok().map(WorkerKey)).collect();
    keys.sort_unstable();
    Ok(Some(keys))
}

/// What worker `key` has claimed. One statement, O(tasks + steps).
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn claims<S: Session>(session: &mut S, key: WorkerKey) -> Result<Claims, Error> {
    Ok(ask(session, sql::claims(Value::text(key.to_string())), decode_claims).await?.unwrap_or_default())
}

/// The same for a worker that is dead, after its lock was taken for the length of the transaction that the session has open; `None` if
/// the lock is held: the worker lives, or another sweep is at work. Two statements.
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
/// use tasker_core::ids::WorkerKey;
/// use tasker_core::operations::recovery::{Claims, StepClaim, TaskClaim};
/// use tasker_core::operations::recovery::{claims, claims_of_dead_worker, jobless_tasks, unlocked_workers};
/// use tasker_core::time::Micros;
///
/// let worker = WorkerKey(-7);
/// let Claims { steps, tasks } = claims(&mut *tx, worker).await?;
/// let (steps, tasks): (Vec<StepClaim>, Vec<TaskClaim>) = (steps, tasks);
/// assert!(steps.is_empty() && tasks.is_empty());
/// // No session holds its lock, so it is dead. It claimed nothing.
/// assert_eq!(claims_of_dead_worker(&mut *tx, worker).await?, Some(Claims::default()));
/// let suspects = unlocked_workers(&mut *tx, None).await?.unwrap_or_default();
/// assert!(!suspects.contains(&worker));
/// let stranded = jobless_tasks(&mut *tx, Micros::from_seconds(3_600)).await?;
/// assert!(!stranded.contains(&task));
/// # Ok(()) });
/// ```
pub async fn claims_of_dead_worker<S: Session>(
    session: &mut S,
    key: WorkerKey,
) -> Result<Option<Claims>, Error> {
    let locked = ask(session, sql::lock_worker(Value::Int(key.0)), |row| row.bool(0)).await?;
    match locked {
        Some(true) => claims(session, key).await.map(Some),
        _ => Ok(None),
    }
}

fn decode_claims(row: Row<'_>) -> Result<Claims, Error> {
    let steps = row.int_rows::<3>(0)?.into_iter().map(|columns| match columns {
        [Some(step), Some(token), Some(task)] => {
            Ok(StepClaim { step: StepId(step), token: TransitionId(token), task: TaskId(task) })
        }
        _ => Err(row.unexpected(0, "rows of a step, a transition and a task")),
    });
    let tasks = row.int_rows::<3>(1)?.into_iter().map(|columns| match columns {
        [Some(task), Some(token), Some(shared)] => {
            Ok(TaskClaim { task: TaskId(task), token: TransitionId(token), shared: shared != 0 })
        }
        _ => Err(row.unexpected(1, "rows of a task, a transition and 0 or 1")),
    });
    Ok(Claims { steps: steps.collect::<Result<_, _>>()?, tasks: tasks.collect::<Result<_, _>>()? })
}

/// Pending tasks that could go on and that no job is going to run: none is noted, or the noted one is overdue. In ascending order.
///
/// A job is overdue `patience` after its time; twice as long for the second that is noted, and so on. Two statements for each thousand of
/// pending tasks without such a job, O(tasks + their steps).
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn jobless_tasks<S: Session>(session: &mut S, patience: Micros) -> Result<Vec<TaskId>, Error> {
    let seconds = Value::text((patience.0 as f64 / 1e6).to_string());
    let mut found = Vec::new();
    let mut above = i64::MIN;
    loop {
        let query = sql::jobless_tasks(Value::Int(above), seconds.clone(), Value::Int(PAGE));
        let page = ask(session, query, |row| row.int_array(0)).await?.unwrap_or_default();
        let Some(last) = page.last() else { return Ok(found) };
        above = *last;
        let tasks: Vec<TaskId> = page.into_iter().map(TaskId).collect();
        let contexts = task_execution_contexts(session, &tasks).await?;
        let movable = contexts.iter().filter(|context| {
            matches!(context.execution_status, ExecutionStatus::HasReadySteps | ExecutionStatus::AllComplete)
        });
        found.extend(movable.map(|context| context.task_id));
    }
}
