//! Dependency levels of a task.

use super::{ask, snapshot};
use crate::error::Error;
use crate::graph::{Dag, Level};
use crate::ids::{StepId, TaskId};
use crate::session::{Row, Session, Value};
use crate::sql;

/// The longest distance of each step of a task from a root, ordered by level, then step; see [`Dag::levels`] for the steps that
/// have none.
///
/// One statement, O(V log V + E). Equal to the engine's `calculate_dependency_levels`.
///
/// # Errors
///
/// [`Error::Cycle`] if a root leads into a cycle, where the engine's function does not end.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::levels::dependency_levels;
///
/// let levels: Vec<u32> = dependency_levels(&mut *tx, task).await?.iter().map(|step| step.level).collect();
/// assert_eq!(levels, [0, 1, 1, 2]);
/// # Ok(()) });
/// ```
pub async fn dependency_levels<S: Session>(session: &mut S, task: TaskId) -> Result<Vec<Level>, Error> {
    let levels = |row: Row<'_>| {
        let steps = row.int_array(0)?.into_iter().map(StepId);
        Dag::new(steps, snapshot::edges(row, 1, 2)?).levels()
    };
    Ok(ask(session, sql::records::graph(Value::Int(task.0)), levels).await?.unwrap_or_default())
}
