//! Edges: whether one may be made, and those of a step's siblings.

use super::ask;
use crate::error::Error;
use crate::ids::{EdgeId, StepId};
use crate::records::{Edge, EdgeRow};
use crate::relationships;
use crate::session::{Row, Session, Value};
use crate::sql;
use crate::time::Timestamp;

/// Would this edge close a circle with those that are there, its own two ends being the same included?
///
/// Edges of other tasks count. One statement, O(V + E) of what `edge.to` leads to; the engine's check reads every edge of the database
/// and follows every path.
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
/// use tasker_core::records::Edge;
/// use tasker_core::operations::edges::{closes_cycle, sibling_edges};
///
/// let (start, left) = (made.step("start").unwrap(), made.step("left").unwrap());
/// assert!(closes_cycle(&mut *tx, Edge { from: left, to: start }).await?);
/// assert!(!closes_cycle(&mut *tx, Edge { from: start, to: left }).await?);
/// let siblings = sibling_edges(&mut *tx, left).await?;
/// assert!(siblings.iter().any(|row| row.edge.to == made.step("right").unwrap()));
/// # Ok(()) });
/// ```
pub async fn closes_cycle<S: Session>(session: &mut S, edge: Edge) -> Result<bool, Error> {
    let query = sql::edges::leads_to(Value::Int(edge.to.0), Value::Int(edge.from.0));
    Ok(ask(session, query, |row| row.bool(0)).await?.unwrap_or_default())
}

/// The edges that end at steps with exactly the parents of `step`, ordered by their ids; see [`relationships::sibling_edges`].
///
/// One statement, O(E log E) of the edges of the parents' children. Equal to the engine's `WorkflowStepEdge.siblings_of`, apart from the
/// order, which that leaves open.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn sibling_edges<S: Session>(session: &mut S, step: StepId) -> Result<Vec<EdgeRow>, Error> {
    let query = sql::edges::of_candidates_for_siblings(Value::Int(step.0));
    let siblings = |row: Row<'_>| {
        let parents = row.int_array(0)?.into_iter().map(StepId).collect();
        Ok(relationships::sibling_edges(parents, edge_rows(row)?))
    };
    Ok(ask(session, query, siblings).await?.unwrap_or_default())
}

/// Reads six columns from the second on.
fn edge_rows(row: Row<'_>) -> Result<Vec<EdgeRow>, Error> {
    let ids = row.int_array(1)?;
    let (from, to) = (row.int_array(2)?, row.int_array(3)?);
    let names = row.text_array(4)?;
    let (created, updated) = (row.int_array(5)?, row.int_array(6)?);
    let lengths = [from.len(), to.len(), names.len(), created.len(), updated.len()];
    if let Some(short) = lengths.iter().position(|&length| length != ids.len()) {
        return Err(row.unexpected(short + 2, "an array of one element an edge"));
    }
    let mut names = names.into_iter();
    let rows = ids.into_iter().enumerate().map(|(i, id)| EdgeRow {
        id: EdgeId(id),
        edge: Edge { from: StepId(from[i]), to: StepId(to[i]) },
        name: names.next().flatten().unwrap_or_default().into_boxed_str(),
        created_at: Timestamp(created[i]),
        updated_at: Timestamp(updated[i]),
    });
    Ok(rows.collect())
}
