//! Which steps may run now, and why the others may not.
//!
//! Source of every rule: the engine's SQL function `get_step_readiness_status`, version 02.
//!
//! ```
//! use tasker_core::records::{ParentCount, StepRecord, StepSnapshot};
//! use tasker_core::ids::{NamedStepId, StepId, TaskId};
//! use tasker_core::readiness::{Readiness, is_ready, next_wait, readiness};
//! use tasker_core::state::State;
//! use tasker_core::time::{Micros, Timestamp};
//!
//! let now = Timestamp(0);
//! let ship = StepRecord::new(StepId(1), TaskId(7), NamedStepId(3), "ship");
//! assert!(is_ready(&ship, now));
//! let waiting = StepRecord { parents: ParentCount { total: 2, completed: 1 }, ..ship.clone() };
//! assert!(!Readiness::of(&waiting, now).dependencies_satisfied);
//!
//! // It failed just now, at its first attempt: in two seconds it may be tried again.
//! let failed = StepRecord { state: Some(State::Error), failed_at: Some(now), attempts: Some(1), ..ship };
//! assert!(!Readiness::of(&failed, now).is_permanently_blocked());
//! let snapshot = StepSnapshot { now, steps: vec![failed, waiting], ..StepSnapshot::default() };
//! assert_eq!(next_wait(&snapshot), Some(Micros::from_seconds(2)));
//! assert_eq!(readiness(&snapshot).iter().filter(|step| step.ready_for_execution).count(), 0);
//! ```

use crate::backoff;
use crate::ids::{NamedStepId, StepId, TaskId};
use crate::records::{ParentCount, StepRecord, StepSnapshot};
use crate::state::State;
use crate::time::{Micros, Timestamp};
use serde::Serialize;

/// Attempts allowed where the row does not say.
pub const DEFAULT_RETRY_LIMIT: i32 = 3;

/// A step's readiness: the sixteen columns that the engine's callers see, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Readiness {
    /// The step.
    pub workflow_step_id: StepId,
    /// Its task.
    pub task_id: TaskId,
    /// Its definition.
    pub named_step_id: NamedStepId,
    /// The definition's name.
    pub name: Box<str>,
    /// `pending` where there is no transition.
    pub current_state: State,
    /// Every incoming edge comes from a satisfied step.
    pub dependencies_satisfied: bool,
    /// Attempts are left. Says nothing of state, waits or `retryable`.
    pub retry_eligible: bool,
    /// The step may be run now.
    pub ready_for_execution: bool,
    /// When it failed, if failed is what it is.
    pub last_failure_at: Option<Timestamp>,
    /// The end of its wait; the requested one if there is one, though both must be over.
    pub next_retry_at: Option<Timestamp>,
    /// Incoming edges.
    pub total_parents: u32,
    /// Incoming edges from satisfied steps.
    pub completed_parents: u32,
    /// Attempts made, 0 where unknown.
    pub attempts: i32,
    /// Attempts allowed, [`DEFAULT_RETRY_LIMIT`] where unknown.
    pub retry_limit: i32,
    /// The wait in seconds that a handler asked for.
    pub backoff_request_seconds: Option<i32>,
    /// The end of the last attempt.
    pub last_attempted_at: Option<Timestamp>,
}

impl Readiness {
    /// Applies the rules to one step at `now`. O(1).
    pub fn of(step: &StepRecord, now: Timestamp) -> Self {
        let ParentCount { total, completed } = step.parents;
        Readiness {
            workflow_step_id: step.id,
            task_id: step.task_id,
            named_step_id: step.named_step_id,
            name: step.name.clone(),
            current_state: current_state(step),
            dependencies_satisfied: step.parents.is_satisfied(),
            retry_eligible: has_attempts_left(step),
            ready_for_execution: is_ready(step, now),
            last_failure_at: step.failed_at,
            next_retry_at: backoff::next_retry_at(step),
            total_parents: total,
            completed_parents: completed,
            attempts: attempts(step),
            retry_limit: retry_limit(step),
            backoff_request_seconds: step.backoff_request_seconds,
            last_attempted_at: step.last_attempted_at,
        }
    }

    /// Failed with no attempt left: only a person can move this step on.
    pub fn is_permanently_blocked(&self) -> bool {
        self.current_state == State::Error && self.attempts >= self.retry_limit
    }
}

/// The readiness of every step of a snapshot, in its order. O(steps).
pub fn readiness(snapshot: &StepSnapshot) -> Vec<Readiness> {
    snapshot.steps.iter().map(|step| Readiness::of(step, snapshot.now)).collect()
}

/// May the step be run at `now`?
pub fn is_ready(step: &StepRecord, now: Timestamp) -> bool {
    lacks_only_time(step) && backoff::is_over(step, now)
}

/// How long it takes until the next step of a snapshot may be run, if time alone brings that about: zero if one may be run already,
/// `None` if none ever will without something else happening. O(steps).
pub fn next_wait(snapshot: &StepSnapshot) -> Option<Micros> {
    let now = snapshot.now;
    let due = snapshot
        .steps
        .iter()
        .filter(|step| lacks_only_time(step))
        .map(|step| backoff::until(step).unwrap_or(now));
    // What waits until infinity never comes.
    let next = due.min().filter(|due| *due < Timestamp(i64::MAX))?;
    Some(Micros(next.0.saturating_sub(now.0).max(0)))
}

/// Does nothing but a wait stand against running the step?
fn lacks_only_time(step: &StepRecord) -> bool {
    matches!(step.state, None | Some(State::Pending | State::Error))
        && !step.processed
        && !step.in_process
        && step.retryable
        && step.parents.is_satisfied()
        && has_attempts_left(step)
}

fn current_state(step: &StepRecord) -> State {
    step.state.clone().unwrap_or(State::Pending)
}

fn attempts(step: &StepRecord) -> i32 {
    step.attempts.unwrap_or(0)
}

/// Attempts that a step is allowed: its own limit, or the engine's default of three. O(1).
///
/// ```
/// use tasker_core::records::StepRecord;
/// use tasker_core::ids::{NamedStepId, StepId, TaskId};
/// use tasker_core::readiness::retry_limit;
///
/// let step = StepRecord::new(StepId(1), TaskId(1), NamedStepId(1), "pay");
/// assert_eq!(retry_limit(&step), 3);
/// assert_eq!(retry_limit(&StepRecord { retry_limit: Some(5), ..step }), 5);
/// ```
pub fn retry_limit(step: &StepRecord) -> i32 {
    step.retry_limit.unwrap_or(DEFAULT_RETRY_LIMIT)
}

pub(crate) fn has_attempts_left(step: &StepRecord) -> bool {
    attempts(step) < retry_limit(step)
}
