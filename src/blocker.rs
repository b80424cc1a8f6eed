//! Why a step may not be run yet.
//!
//! Source of every rule: the engine's SQL function `get_step_readiness_status`, version 02, whose conditions are named here one by one. A
//! step has a blocker exactly if it is pending or in error and [`is_ready`] is false for it.

use crate::backoff;
use crate::readiness::{has_attempts_left, is_ready, retry_limit};
use crate::records::StepRecord;
use crate::state::State;
use crate::time::Timestamp;
use serde::Serialize;
use std::fmt;

/// The first condition that keeps a pending or failed step from being run; those that only a person can change come first.
///
/// [`BlockingReason`](crate::functions::BlockingReason) is the engine's coarser word, all that a readiness row supports; a blocker converts
/// into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Blocker {
    /// All attempts are used up.
    Exhausted {
        /// Attempts made.
        attempts: i32,
        /// Attempts allowed.
        limit: i32,
    },
    /// The column `retryable` is false, which excludes the first attempt, too.
    NotRetryable,
    /// The column `processed` is true although the state is pending or error.
    Processed,
    /// The column `in_process` is true although the state is pending or error.
    InProcess,
    /// A parent is cancelled, so that the dependency will never be satisfied.
    CancelledParent,
    /// Parents are still to be completed.
    Parents {
        /// How many.
        open: u32,
        /// Out of how many.
        total: u32,
    },
    /// A wait after a failure, or one that the handler has requested.
    Backoff {
        /// Its end; [`i64::MAX`] for `infinity`.
        until: Timestamp,
    },
}

impl Blocker {
    /// The blocker of a step at `now`; `None` if the step may be run, or is neither pending nor in error. O(parents).
    ///
    /// `parents` are the states of the steps that it depends on, `None` for one without a transition.
    ///
    /// # Examples
    ///
    /// ```
    /// use tasker_core::blocker::Blocker;
    /// # use tasker_core::records::{ParentCount, StepRecord};
    /// # use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// use tasker_core::state::State;
    /// use tasker_core::time::Timestamp;
    ///
    /// # let step = StepRecord {
    /// #     id: StepId(2), task_id: TaskId(1), named_step_id: NamedStepId(1), name: "ship".into(), state: None, failed_at: None,
    /// #     processed: false, in_process: false, retryable: true, attempts: None, retry_limit: None,
    /// #     backoff_request_seconds: None, last_attempted_at: None, parents: ParentCount { total: 2, completed: 1 },
    /// # };
    /// // A pending step with two parents, one of them complete.
    /// let parents = [Some(State::Complete), Some(State::InProgress)];
    /// let blocker = Blocker::of(&step, Timestamp(0), parents.iter().map(Option::as_ref));
    /// assert_eq!(blocker, Some(Blocker::Parents { open: 1, total: 2 }));
    /// ```
    pub fn of<'a>(
        step: &StepRecord,
        now: Timestamp,
        parents: impl IntoIterator<Item = Option<&'a State>>,
    ) -> Option<Self> {
        if !matches!(step.state, None | Some(State::Pending | State::Error)) || is_ready(step, now) {
            return None;
        }
        let open = step.parents.total.saturating_sub(step.parents.completed);
        Some(match step {
            _ if !has_attempts_left(step) => {
                Blocker::Exhausted { attempts: step.attempts.unwrap_or(0), limit: retry_limit(step) }
            }
            StepRecord { retryable: false, .. } => Blocker::NotRetryable,
            StepRecord { processed: true, .. } => Blocker::Processed,
            StepRecord { in_process: true, .. } => Blocker::InProcess,
            _ if open > 0 && parents.into_iter().any(|state| state == Some(&State::Cancelled)) => {
                Blocker::CancelledParent
            }
            _ if open > 0 => Blocker::Parents { open, total: step.parents.total },
            _ => Blocker::Backoff { until: backoff::until(step).unwrap_or(now) },
        })
    }

    /// Whether nothing but a person can remove it.
    ///
    /// ```
    /// use tasker_core::blocker::Blocker;
    ///
    /// assert!(Blocker::CancelledParent.is_permanent());
    /// assert!(!Blocker::Parents { open: 1, total: 2 }.is_permanent());
    /// ```
    pub fn is_permanent(self) -> bool {
        !matches!(self, Blocker::Parents { .. } | Blocker::Backoff { .. })
    }
}

impl fmt::Display for Blocker {
    /// For people: `no attempt left (3 of 3)`. The end of a wait is not in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Blocker::Exhausted { attempts, limit } => write!(f, "no attempt left ({attempts} of {limit})"),
            Blocker::NotRetryable => f.write_str("not retryable"),
            Blocker::Processed => f.write_str("marked as processed"),
            Blocker::InProcess => f.write_str("marked as in process"),
            Blocker::CancelledParent => f.write_str("a parent is cancelled"),
            Blocker::Parents { open, total } => write!(f, "waits for {open} of {total}"),
            Blocker::Backoff { until: Timestamp(i64::MAX) } => f.write_str("waits for ever"),
            Blocker::Backoff { .. } => f.write_str("waits for a retry"),
        }
    }
}
