//! How long a failed step waits before it may run again.
//!
//! Source: the engine's `get_step_readiness_status` (v02). A wait is `LEAST(2 ^ attempts s, 30 s)` from the failure, and a
//! wait that the handler asked for (`backoff_request_seconds`) from the last attempt; a step must have sat out both.
//!
//! ```
//! use tasker_core::backoff::{failure_until, failure_wait, is_over, next_retry_at, requested_until, until};
//! use tasker_core::records::StepRecord;
//! use tasker_core::ids::{NamedStepId, StepId, TaskId};
//! use tasker_core::time::{Micros, Timestamp};
//!
//! let seconds = |seconds: i64| Timestamp(seconds * 1_000_000);
//! assert_eq!(failure_wait(Some(2)), Micros::from_seconds(4));
//! assert_eq!(failure_wait(Some(9)), Micros::from_seconds(30));
//!
//! // A step that failed at 100 s after its second attempt, whose handler asked for a wait of 10 s.
//! let step = StepRecord {
//!     failed_at: Some(seconds(100)),
//!     last_attempted_at: Some(seconds(100)),
//!     attempts: Some(2),
//!     backoff_request_seconds: Some(10),
//!     ..StepRecord::new(StepId(1), TaskId(7), NamedStepId(3), "ship")
//! };
//! assert_eq!(failure_until(&step), Some(seconds(104)));
//! assert_eq!(requested_until(&step), Some(seconds(110)));
//! assert_eq!(next_retry_at(&step), Some(seconds(110)));
//! assert_eq!(until(&step), Some(seconds(110)));
//! assert!(!is_over(&step, seconds(109)) && is_over(&step, seconds(110)));
//! ```

use crate::records::StepRecord;
use crate::time::{Micros, Timestamp};

/// No failure waits longer than this.
pub const LONGEST_FAILURE_WAIT: Micros = Micros::from_seconds(30);

/// The wait after a failure, by the number of attempts made so far (the failed one included).
///
/// An absent count is taken as one attempt. From five attempts on it is [`LONGEST_FAILURE_WAIT`]: the engine's SQL overflows
/// at 44 attempts where this stays at the cap.
pub fn failure_wait(attempts: Option<i32>) -> Micros {
    match attempts.unwrap_or(1) {
        5.. => LONGEST_FAILURE_WAIT,
        attempts @ 0..=4 => Micros::from_seconds(1 << attempts),
        // A negative count can only be written by hand; PostgreSQL rounds the fraction of a second to microseconds.
        attempts => Micros((2f64.powi(attempts) * 1e6).round_ties_even() as i64),
    }
}

/// The end of the wait that the handler asked for, if it asked and the step was attempted.
pub fn requested_until(step: &StepRecord) -> Option<Timestamp> {
    let seconds = step.backoff_request_seconds?;
    Some(step.last_attempted_at? + Micros::from_seconds(seconds.into()))
}

/// The end of the wait after a failure, if failed is what the step is now.
pub fn failure_until(step: &StepRecord) -> Option<Timestamp> {
    Some(step.failed_at? + failure_wait(step.attempts))
}

/// The instant that the engine reports as the next retry: the requested one, else the one after the failure.
///
/// It may lie before the instant at which the step is really ready, because both waits count ([`is_over`]).
pub fn next_retry_at(step: &StepRecord) -> Option<Timestamp> {
    requested_until(step).or_else(|| failure_until(step))
}

/// The end of the longer of the step's two waits, if it has any.
pub fn until(step: &StepRecord) -> Option<Timestamp> {
    requested_until(step).max(failure_until(step))
}

/// Has the step sat out both of its waits at `now`?
pub fn is_over(step: &StepRecord, now: Timestamp) -> bool {
    until(step).is_none_or(|until| until <= now)
}
