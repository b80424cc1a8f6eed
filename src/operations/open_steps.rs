//! Decoding the facts of steps that wait for nothing.

use crate::error::Error;
use crate::facts::{ParentCount, StepFacts, StepSnapshot};
use crate::ids::{NamedStepId, StepId, TaskId};
use crate::session::Row;
use crate::state::State;
use crate::time::Timestamp;

/// Columns of such steps; whatever else a statement brings follows.
pub(super) const COLUMNS: usize = 3;

/// Numbers that are told of each.
const NUMBERS: usize = 11;

/// Reads the columns of [`crate::sql::ready::open_steps`], which come in any order, into that of a snapshot. Names are not asked for and
/// empty. O(steps · log)
pub(super) fn open_steps(row: Row<'_>) -> Result<StepSnapshot, Error> {
    let (numbers, states) = (row.int_rows::<NUMBERS>(1)?, row.text_array(2)?);
    if numbers.len() != states.len() {
        return Err(row.unexpected(2, "an array of one element a step"));
    }
    let steps = numbers.into_iter().zip(states).map(|(numbers, state)| facts(numbers, state));
    let steps: Option<Vec<StepFacts>> = steps.collect();
    let mut steps = steps.ok_or_else(|| row.unexpected(1, "what the columns of steps can hold"))?;
    steps.sort_unstable_by_key(|step| (step.task_id, step.id));
    Ok(StepSnapshot { now: row.timestamp(0)?, steps })
}

/// `None` where a number is none that the column can hold.
fn facts(numbers: [Option<i64>; NUMBERS], state: Option<String>) -> Option<StepFacts> {
    let [
        id,
        task,
        named_step,
        failed_at,
        processed,
        in_process,
        retryable,
        attempts,
        limit,
        backoff,
        last_at,
    ] = numbers;
    Some(StepFacts {
        id: StepId(id?),
        task_id: TaskId(task?),
        named_step_id: NamedStepId(named_step?),
        name: Box::default(),
        state: state.map(State::from),
        failed_at: failed_at.map(Timestamp),
        processed: flag(processed?)?,
        in_process: flag(in_process?)?,
        retryable: flag(retryable?)?,
        attempts: small(attempts)?,
        retry_limit: small(limit)?,
        backoff_request_seconds: small(backoff)?,
        last_attempted_at: last_at.map(Timestamp),
        parents: ParentCount::default(),
    })
}

fn flag(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn small(number: Option<i64>) -> Option<Option<i32>> {
    number.map(i32::try_from).transpose().ok()
}
