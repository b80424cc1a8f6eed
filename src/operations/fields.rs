//! Columns of rows that travel as text. In each, `None` is a field that cannot be read; a null is `Some(None)`.

use crate::ids::{NamedStepId, StepId, TaskId};
use crate::records::{ParentCount, StepRecord};
use crate::session::Field;
use crate::time::Timestamp;
use std::str::FromStr;

/// A number or null.
pub(super) fn number<T: FromStr>(field: &Field<'_>) -> Option<Option<T>> {
    field.as_deref().map(str::parse).transpose().ok()
}

/// Seconds since 1970 or null.
pub(super) fn instant(field: &Field<'_>) -> Option<Option<Timestamp>> {
    match field {
        None => Some(None),
        Some(seconds) => Timestamp::from_epoch(seconds).map(Some),
    }
}

/// A boolean that is not null.
fn flag(field: &Field<'_>) -> Option<bool> {
    match field.as_deref()? {
        "t" => Some(true),
        "f" => Some(false),
        _ => None,
    }
}

/// An array of numbers.
pub(super) fn numbers(field: &Field<'_>) -> Option<Vec<i64>> {
    let items = field.as_deref()?.strip_prefix('{')?.strip_suffix('}')?;
    if items.is_empty() {
        return Some(Vec::new());
    }
    items.split(',').map(|item| item.parse().ok()).collect()
}

/// A step from its row alone, without its task, definition, state and parents: of its id, and of processed, in process, retryable,
/// attempts, retry limit, requested backoff and last attempt.
pub(super) fn step(id: &Field<'_>, row: &[Field<'_>]) -> Option<StepRecord> {
    let [processed, in_process, retryable, attempts, limit, backoff, last_at] = row else {
        return None;
    };
    Some(StepRecord {
        id: StepId(number(id)??),
        task_id: TaskId(0),
        named_step_id: NamedStepId(0),
        name: Box::default(),
        state: None,
        failed_at: None,
        processed: flag(processed)?,
        in_process: flag(in_process)?,
        retryable: flag(retryable)?,
        attempts: number(attempts)?,
        retry_limit: number(limit)?,
        backoff_request_seconds: number(backoff)?,
        last_attempted_at: instant(last_at)?,
        parents: ParentCount::default(),
    })
}
