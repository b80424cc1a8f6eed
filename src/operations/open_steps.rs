//! The facts of steps that wait for nothing.

use super::ask;
use super::fields::{instant, number, step};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::records::{StepRecord, StepSnapshot};
use crate::session::{Field, Query, Row, Session, Value};
use crate::sql::ready as sql;
use crate::state::State;
use std::collections::HashSet;

/// Columns of such steps; whatever else a statement brings follows.
pub(super) const COLUMNS: usize = 2;

/// How many steps may be looked at for each that was asked for.
const WORTH_A_LOOK: i64 = 4;

/// The steps of tasks that wait for nothing; they alone can be ready. One statement.
pub(super) async fn open_steps<S: Session>(session: &mut S, tasks: &[TaskId]) -> Result<StepSnapshot, Error> {
    snapshot(session, sql::open_steps(ids(tasks))).await
}

/// Those of them that are among `chosen`. One statement.
pub(super) async fn open_steps_among<S: Session>(
    session: &mut S,
    tasks: &[TaskId],
    chosen: &[StepId],
) -> Result<StepSnapshot, Error> {
    let Some((first, last)) = dense_range(chosen) else {
        let among = Value::int_array(chosen.iter().map(|step| step.0));
        return snapshot(session, sql::open_steps_among(ids(tasks), among)).await;
    };
    let query = sql::open_steps_between(ids(tasks), Value::Int(first), Value::Int(last));
    let mut open = snapshot(session, query).await?;
    let chosen: HashSet<StepId> = chosen.iter().copied().collect();
    open.steps.retain(|step| chosen.contains(&step.id));
    Ok(open)
}

/// The ends of steps most of whose neighbours are among them too, as those of a whole task are: two numbers are soon sent and compared.
fn dense_range(chosen: &[StepId]) -> Option<(i64, i64)> {
    let first = chosen.iter().min()?.0;
    let last = chosen.iter().max()?.0;
    (last.saturating_sub(first) <= WORTH_A_LOOK.saturating_mul(chosen.len() as i64)).then_some((first, last))
}

fn ids(tasks: &[TaskId]) -> Value {
    Value::int_array(tasks.iter().map(|task| task.0))
}

async fn snapshot<S: Session>(session: &mut S, query: Query) -> Result<StepSnapshot, Error> {
    Ok(ask(session, query, decoded).await?.unwrap_or_default())
}

/// Reads the columns of [`crate::sql::ready::open_steps`], whose rows come in any order, into that of a snapshot. Definitions are not asked
/// for: their ids are 0 and their names empty. O(steps · log)
pub(super) fn decoded(row: Row<'_>) -> Result<StepSnapshot, Error> {
    let mut steps = row.records(1, "rows of what the columns of steps can hold", facts)?;
    steps.sort_unstable_by_key(|step| (step.task_id, step.id));
    Ok(StepSnapshot { now: row.timestamp(0)?, steps })
}

/// `None` where a field is none that the column can hold.
fn facts(fields: &[Field<'_>]) -> Option<StepRecord> {
    let [id, task, state, failed_at, row @ ..] = fields else {
        return None;
    };
    Some(StepRecord {
        task_id: TaskId(number(task)??),
        state: state.as_deref().map(State::from),
        failed_at: instant(failed_at)?,
        ..step(id, row)?
    })
}
