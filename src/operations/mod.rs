//! What the core can do: one file a capability.
//!
//! An operation asks its [`Session`] for facts and hands them to the pure rooms. All of them run inside
//! whatever transaction the session has open, and none opens one.

pub mod analytics;
pub mod batch_transitions;
mod compact_task;
mod compact_tasks;
pub mod context;
mod created;
pub mod definitions;
pub mod edges;
pub mod execution;
mod fields;
mod id_ranges;
pub mod levels;
mod open_steps;
pub mod overview;
pub mod readiness;
pub mod ready;
pub mod recovery;
pub mod relationships;
pub mod sequence;
pub mod slowest;
pub(crate) mod snapshot;
pub mod statistics;
mod step_template;
pub mod task_graph;
pub mod task_kinds;
pub mod task_snapshot;
mod tracked;
pub mod transition;

#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::operations::*;
use crate::error::Error;
use crate::ids::StepId;
use crate::session::{Query, Row, Session, Value};

/// Asks a question that is answered by one row or none, and decodes that row.
pub(crate) async fn ask<S: Session, T>(
    session: &mut S,
    query: Query,
    decode: impl FnOnce(Row<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let name = query.name;
    let rows = session.rows(query).await?;
    rows.first(name).map(decode).transpose()
}

/// Steps as a parameter; null where none were chosen.
pub(crate) fn chosen_steps(steps: Option<&[StepId]>) -> Value {
    steps.map_or(Value::Null, |steps| Value::int_array(steps.iter().map(|step| step.0)))
}
