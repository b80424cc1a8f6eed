//! Execution contexts of tasks.

use super::{ask, snapshot};
use crate::error::Error;
use crate::ids::TaskId;
use crate::progress::{ExecutionContext, execution_context};
use crate::readiness::{Readiness, readiness};
use crate::records::TaskRecord;
use crate::session::{Row, Session, Value};
use crate::sql;
use std::collections::HashMap;

/// The execution context of a task, or `None` if there is no such task. One statement, O(steps + edges).
///
/// Equal to the engine's `get_task_execution_context`.
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
/// use tasker_core::operations::context::{task_condition, task_execution_context, task_execution_contexts};
///
/// let context = task_execution_context(&mut *tx, task).await?.expect("a task that exists");
/// assert_eq!((context.total_steps, context.ready_steps), (4, 1));
/// assert_eq!(task_execution_contexts(&mut *tx, &[task]).await?, [context.clone()]);
/// let (same, steps) = task_condition(&mut *tx, task).await?.expect("a task that exists");
/// assert_eq!((same, steps.len()), (context, 4));
/// # Ok(()) });
/// ```
pub async fn task_execution_context<S: Session>(
    session: &mut S,
    task: TaskId,
) -> Result<Option<ExecutionContext>, Error> {
    Ok(task_execution_contexts(session, &[task]).await?.pop())
}

/// The execution contexts of many tasks, ordered by task id. A task named twice is answered twice, an unknown one not at all.
///
/// One statement, O(steps + edges). Equal to the engine's `get_task_execution_contexts_batch`.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn task_execution_contexts<S: Session>(
    session: &mut S,
    tasks: &[TaskId],
) -> Result<Vec<ExecutionContext>, Error> {
    let (facts, steps) = progress_of(session, "task execution context", tasks).await?;
    let contexts = contexts_by_task(&facts, &steps);
    let mut asked = tasks.to_vec();
    asked.sort_unstable();
    Ok(asked.iter().filter_map(|task| contexts.get(task).cloned()).collect())
}

/// A task's execution context with the readiness of all of its steps, ordered by step id, as of one moment; `None` if there is no such
/// task. One statement, O(steps + edges).
///
/// Equal to [`task_execution_context`] and [`super::readiness::step_readiness`].
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn task_condition<S: Session>(
    session: &mut S,
    task: TaskId,
) -> Result<Option<(ExecutionContext, Vec<Readiness>)>, Error> {
    let (facts, steps) = progress_of(session, "task condition", &[task]).await?;
    Ok(facts.first().map(|facts| (execution_context(facts, &steps), steps)))
}

async fn progress_of<S: Session>(
    session: &mut S,
    name: &'static str,
    tasks: &[TaskId],
) -> Result<(Vec<TaskRecord>, Vec<Readiness>), Error> {
    let task_ids = Value::int_array(tasks.iter().map(|task| task.0));
    let progress = |row: Row<'_>| Ok((snapshot::tasks(row)?, readiness(&snapshot::steps(row)?)));
    Ok(ask(session, sql::records::tasks_with_steps(name, task_ids), progress).await?.unwrap_or_default())
}

/// `steps` is ordered by task, so a task's steps are one slice of it.
fn contexts_by_task(tasks: &[TaskRecord], steps: &[Readiness]) -> HashMap<TaskId, ExecutionContext> {
    let of_task: HashMap<TaskId, &[Readiness]> = steps
        .chunk_by(|a, b| a.task_id == b.task_id)
        .filter_map(|chunk| Some((chunk.first()?.task_id, chunk)))
        .collect();
    tasks
        .iter()
        .map(|task| {
            let steps = of_task.get(&task.id).copied().unwrap_or_default();
            (task.id, execution_context(task, steps))
        })
        .collect()
}
