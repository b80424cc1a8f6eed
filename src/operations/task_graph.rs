//! The graph of a task, for its analysis.

use super::{ask, snapshot};
use crate::analysis::task_graph::TaskGraph;
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::session::{Row, Session, Value};
use crate::sql;

/// The graph of a task, its steps in the order of their ids; empty for an unknown task, `None` if an edge leads into another task.
///
/// One statement, O(V log V + E).
///
/// # Errors
///
/// [`Error::Cycle`] if a root leads into a cycle.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::task_graph::task_graph;
///
/// let graph = task_graph(&mut *tx, task).await?.expect("no edge leads to another task");
/// assert_eq!((graph.steps().len(), graph.edges().len()), (4, 4));
/// # Ok(()) });
/// ```
pub async fn task_graph<S: Session>(session: &mut S, task: TaskId) -> Result<Option<TaskGraph>, Error> {
    match ask(session, sql::records::named_graph(Value::Int(task.0)), decode).await? {
        Some(graph) => Ok(graph),
        None => TaskGraph::new(Vec::new(), Vec::new(), Vec::new()),
    }
}

fn decode(row: Row<'_>) -> Result<Option<TaskGraph>, Error> {
    let (ids, names) = (row.int_array(0)?, row.text_array(1)?);
    if ids.len() != names.len() {
        return Err(row.unexpected(1, "an array of one element a step"));
    }
    let names = names.into_iter().map(|name| name.unwrap_or_default().into_boxed_str());
    let steps = ids.into_iter().map(StepId).zip(names).collect();
    TaskGraph::new(steps, snapshot::edges(row, 2, 3)?, snapshot::edges(row, 4, 5)?)
}
