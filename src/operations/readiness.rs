//! Step readiness of tasks.

use super::open_steps::{open_steps, open_steps_among};
use super::{ask, chosen_steps, snapshot};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::readiness::{self, Readiness, is_ready, readiness};
use crate::records::StepSnapshot;
use crate::session::{Session, Value};
use crate::sql;
use crate::state::State;
use crate::time::Micros;

/// The readiness of a task's steps, or of those among `chosen`, ordered by step id.
///
/// Steps of other tasks and unknown ids in `chosen` are left out; an unknown task has no steps. One statement, O(steps + edges).
/// Equal to the engine's `get_step_readiness_status`, apart from the order, which that leaves open.
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
/// use tasker_core::operations::readiness::{next_wait, step_readiness, step_readiness_of_tasks, viable_steps};
/// use tasker_core::state::State;
/// use tasker_core::time::Micros;
///
/// let steps = step_readiness(&mut *tx, task, None).await?;
/// assert_eq!(steps.iter().map(|step| step.ready_for_execution).collect::<Vec<_>>(), [true, false, false, false]);
/// assert_eq!(step_readiness_of_tasks(&mut *tx, &[task]).await?, steps);
/// assert_eq!(viable_steps(&mut *tx, task, &made.steps).await?, [(made.steps[0], State::Pending)]);
/// // One may be run now.
/// assert_eq!(next_wait(&mut *tx, task).await?, Some(Micros(0)));
/// # Ok(()) });
/// ```
pub async fn step_readiness<S: Session>(
    session: &mut S,
    task: TaskId,
    chosen: Option<&[StepId]>,
) -> Result<Vec<Readiness>, Error> {
    let snapshot = steps_of(session, &[task], chosen).await?;
    Ok(readiness(&snapshot))
}

/// The readiness of every step of many tasks, ordered by task id and step id. A task named twice counts once.
///
/// One statement, O(steps + edges). Equal to the engine's `get_step_readiness_status_batch`, apart from the order.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn step_readiness_of_tasks<S: Session>(
    session: &mut S,
    tasks: &[TaskId],
) -> Result<Vec<Readiness>, Error> {
    let snapshot = steps_of(session, tasks, None).await?;
    Ok(readiness(&snapshot))
}

/// A task's steps that may be run now, among `chosen`, with their states, ordered by id. One statement.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn viable_steps<S: Session>(
    session: &mut S,
    task: TaskId,
    chosen: &[StepId],
) -> Result<Vec<(StepId, State)>, Error> {
    let snapshot = open_steps_among(session, &[task], chosen).await?;
    let ready = snapshot.steps.iter().filter(|step| is_ready(step, snapshot.now));
    Ok(ready.map(|step| (step.id, step.state.clone().unwrap_or(State::Pending))).collect())
}

/// How long it takes by the server's clock until a step of the task may be run; see [`readiness::next_wait`]. One statement.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn next_wait<S: Session>(session: &mut S, task: TaskId) -> Result<Option<Micros>, Error> {
    Ok(readiness::next_wait(&open_steps(session, &[task]).await?))
}

async fn steps_of<S: Session>(
    session: &mut S,
    tasks: &[TaskId],
    chosen: Option<&[StepId]>,
) -> Result<StepSnapshot, Error> {
    let task_ids = Value::int_array(tasks.iter().map(|task| task.0));
    let query = sql::records::steps("step readiness", task_ids, chosen_steps(chosen));
    Ok(ask(session, query, snapshot::steps).await?.unwrap_or_default())
}
