//! The rows of the engine's view `tasker_step_dag_relationships`, for chosen steps or tasks.

use super::{ask, snapshot};
use crate::error::Error;
use crate::ids::{NamedStepId, StepId, TaskId};
use crate::records::StepIdentity;
use crate::relationships::{self, Neighborhood, Relationship};
use crate::session::{Query, Row, Session, Value};
use crate::sql;

/// The relationships of `steps`, ordered by task, then step; unknown ids are left out.
///
/// One statement, O(V + E log E) of the steps and everything above them. Equal to rows of the engine's view, which has no order.
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
/// use tasker_core::operations::relationships::{of_steps, of_tasks};
///
/// let last = of_steps(&mut *tx, &[made.step("finish").unwrap()]).await?.remove(0);
/// assert_eq!((last.parents.len(), last.depth), (2, Some(2)));
/// assert_eq!(of_tasks(&mut *tx, &[task]).await?.len(), 4);
/// # Ok(()) });
/// ```
pub async fn of_steps<S: Session>(session: &mut S, steps: &[StepId]) -> Result<Vec<Relationship>, Error> {
    let ids = Value::int_array(steps.iter().map(|step| step.0));
    relationships(session, sql::relationships::of_steps(ids)).await
}

/// The relationships of every step of `tasks`; see [`of_steps`].
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn of_tasks<S: Session>(session: &mut S, tasks: &[TaskId]) -> Result<Vec<Relationship>, Error> {
    let query = match tasks {
        [task] => sql::relationships::of_task(Value::Int(task.0)),
        tasks => sql::relationships::of_tasks(Value::int_array(tasks.iter().map(|task| task.0))),
    };
    relationships(session, query).await
}

async fn relationships<S: Session>(session: &mut S, query: Query) -> Result<Vec<Relationship>, Error> {
    let relationships = |row: Row<'_>| {
        let (above, below) = (snapshot::edges(row, 3, 4)?, snapshot::edges(row, 5, 6)?);
        Ok(relationships::relationships(Neighborhood { steps: identities(row)?, above, below }))
    };
    Ok(ask(session, query, relationships).await?.unwrap_or_default())
}

fn identities(row: Row<'_>) -> Result<Vec<StepIdentity>, Error> {
    let (ids, tasks, named_steps) = (row.int_array(0)?, row.int_array(1)?, row.int_array(2)?);
    if let Some(short) = [tasks.len(), named_steps.len()].iter().position(|&length| length != ids.len()) {
        return Err(row.unexpected(short + 1, "an array of one element a step"));
    }
    let columns = ids.into_iter().zip(tasks).zip(named_steps);
    Ok(columns
        .map(|((id, task), named_step)| StepIdentity {
            id: StepId(id),
            task_id: TaskId(task),
            named_step_id: NamedStepId(named_step),
        })
        .collect())
}
