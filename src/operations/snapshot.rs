//! Decoding the packed rows of the facts' statements.

use crate::error::Error;
use crate::ids::{NamedStepId, NamedTaskId, StepId, TaskId};
use crate::records::{Edge, ParentCount, StepRecord, StepSnapshot, TaskRecord};
use crate::session::Row;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::HashMap;

/// Columns of steps alone; those of edges follow.
const STEP_COLUMNS: usize = 14;

/// Columns of a snapshot; those of tasks follow.
pub(super) const TASK_COLUMNS: usize = STEP_COLUMNS + 2;

/// Reads the columns of [`crate::sql::records::steps`]. O(steps + edges).
pub(crate) fn steps(row: Row<'_>) -> Result<StepSnapshot, Error> {
    let ids = row.int_array(1)?;
    let tasks = row.int_array(2)?;
    let named_steps = row.int_array(3)?;
    let names = row.text_array(4)?;
    let states = row.text_array(5)?;
    let failures = row.optional_int_array(6)?;
    let processed = row.bool_array(7)?;
    let in_process = row.bool_array(8)?;
    let retryable = row.bool_array(9)?;
    let attempts = row.optional_i32_array(10)?;
    let retry_limits = row.optional_i32_array(11)?;
    let backoffs = row.optional_i32_array(12)?;
    let last_attempts = row.optional_int_array(13)?;
    let lengths = [
        tasks.len(),
        named_steps.len(),
        names.len(),
        states.len(),
        failures.len(),
        processed.len(),
        in_process.len(),
        retryable.len(),
        attempts.len(),
        retry_limits.len(),
        backoffs.len(),
        last_attempts.len(),
    ];
    if let Some(short) = lengths.iter().position(|&length| length != ids.len()) {
        return Err(row.unexpected(short + 2, "an array of one element a step"));
    }
    let parents = parent_counts(row)?;
    let mut names = names.into_iter();
    let mut states = states.into_iter();
    let steps = ids.iter().enumerate().map(|(i, &id)| StepRecord {
        id: StepId(id),
        task_id: TaskId(tasks[i]),
        named_step_id: NamedStepId(named_steps[i]),
        name: names.next().flatten().unwrap_or_default().into_boxed_str(),
        state: states.next().flatten().map(State::from),
        failed_at: failures[i].map(Timestamp),
        processed: processed[i],
        in_process: in_process[i],
        retryable: retryable[i],
        attempts: attempts[i],
        retry_limit: retry_limits[i],
        backoff_request_seconds: backoffs[i],
        last_attempted_at: last_attempts[i].map(Timestamp),
        parents: parents.get(&id).copied().unwrap_or_default(),
    });
    Ok(StepSnapshot { now: row.timestamp(0)?, steps: steps.collect() })
}

fn parent_counts(row: Row<'_>) -> Result<HashMap<i64, ParentCount>, Error> {
    let children = row.int_array(STEP_COLUMNS)?;
    let satisfied = row.bool_array(STEP_COLUMNS + 1)?;
    if children.len() != satisfied.len() {
        return Err(row.unexpected(STEP_COLUMNS + 1, "an array of one element an edge"));
    }
    let mut counts: HashMap<i64, ParentCount> = HashMap::new();
    for (child, satisfied) in children.into_iter().zip(satisfied) {
        let count = counts.entry(child).or_default();
        count.total += 1;
        count.completed += u32::from(satisfied);
    }
    Ok(counts)
}

/// Reads the three columns of tasks that follow a snapshot.
pub(crate) fn tasks(row: Row<'_>) -> Result<Vec<TaskRecord>, Error> {
    let ids = row.int_array(TASK_COLUMNS)?;
    let named_tasks = row.int_array(TASK_COLUMNS + 1)?;
    let states = row.text_array(TASK_COLUMNS + 2)?;
    if let Some(short) = [named_tasks.len(), states.len()].iter().position(|&length| length != ids.len()) {
        return Err(row.unexpected(TASK_COLUMNS + 1 + short, "an array of one element a task"));
    }
    let columns = ids.into_iter().zip(named_tasks).zip(states);
    Ok(columns
        .map(|((id, named_task), state)| TaskRecord {
            id: TaskId(id),
            named_task_id: NamedTaskId(named_task),
            state: state.map(State::from),
        })
        .collect())
}

/// Reads two columns of one element an edge: where they begin, where they end.
pub(crate) fn edges(row: Row<'_>, from: usize, to: usize) -> Result<Vec<Edge>, Error> {
    let second = from.max(to);
    let (from, to) = (row.int_array(from)?, row.int_array(to)?);
    if from.len() != to.len() {
        return Err(row.unexpected(second, "an array of one element an edge"));
    }
    Ok(from.into_iter().zip(to).map(|(from, to)| Edge { from: StepId(from), to: StepId(to) }).collect())
}
