//! Execution contexts of tasks.

use super::{ask, snapshot};
use crate::error::Error;
use crate::facts::TaskFacts;
use crate::ids::TaskId;
use crate::progress::{ExecutionContext, execution_context};
use crate::readiness::{Readiness, readiness};
use crate::session::{Row, Session, Value};
use crate::sql;
use std::collections::HashMap;

/// The execution context of a task, or `None` if there is no such task. One statement, O(steps + edges).
///
/// Equal to the engine's `get_task_execution_context`.
pub async fn task_execution_context<S: Session>(
    session: &mut S,
    task: TaskId,
) -> Result<Option<ExecutionContext>, Error> {
    Ok(task_execution_contexts(session, &[task]).await?.pop())
}

/// The execution contexts of many tasks, ordered by task id. A task named twice is answered twice, an unknown one not at all.
///
/// One statement, O(steps + edges). Equal to the engine's `get_task_execution_contexts_batch`.
pub async fn task_execution_contexts<S: Session>(
    session: &mut S,
    tasks: &[TaskId],
) -> Result<Vec<ExecutionContext>, Error> {
    let task_ids = Value::int_array(tasks.iter().map(|task| task.0));
    let query = sql::facts::tasks_with_steps("task execution context", task_ids);
    let contexts = |row: Row<'_>| {
        let facts = snapshot::tasks(row)?;
        let steps = readiness(&snapshot::steps(row)?);
        Ok(contexts_by_task(&facts, &steps))
    };
    let contexts = ask(session, query, contexts).await?.unwrap_or_default();
    let mut asked = tasks.to_vec();
    asked.sort_unstable();
    Ok(asked.iter().filter_map(|task| contexts.get(task).cloned()).collect())
}

/// `steps` is ordered by task, so a task's steps are one slice of it.
fn contexts_by_task(tasks: &[TaskFacts], steps: &[Readiness]) -> HashMap<TaskId, ExecutionContext> {
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
