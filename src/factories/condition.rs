//! Conditions in which steps and tasks are created.

use crate::state::State;
use crate::time::{Micros, Timestamp};
use crate::transitions::{StepState, TaskState};
use serde_json::{Value, json};

/// How long before "now" things have happened that are over.
const EARLIER: i64 = 600;

/// The condition in which a step is created: its columns and its history, as the engine would have left them.
///
/// What "now" is, the workflow says ([`WorkflowFactory::at`](super::WorkflowFactory::at)).
///
/// ```
/// use tasker_core::factories::StepCondition;
/// use tasker_core::transitions::StepState;
///
/// assert_eq!(StepCondition::from(StepState::Error), StepCondition::Failed { attempts: 1 });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepCondition {
    /// As created: no transition, no attempt.
    #[default]
    Fresh,
    /// In progress since now.
    InProgress,
    /// In progress since ten minutes: the process that ran it is gone.
    Stalled,
    /// Complete at the first attempt, ten minutes ago.
    Complete,
    /// Failed so many times, the last time ten minutes ago: its wait is over.
    Failed {
        /// Attempts made.
        attempts: i32,
    },
    /// Pending again after so many failures.
    Retrying {
        /// Attempts made.
        attempts: i32,
    },
    /// Failed as often as is allowed, the last time ten minutes ago.
    Exhausted,
    /// Failed so many times, the last time now: it waits as long as the engine's rule says.
    Backoff {
        /// Attempts made.
        attempts: i32,
    },
    /// Failed now, and its handler has asked for a wait.
    RequestedBackoff {
        /// The wait from now on.
        seconds: i32,
    },
    /// Failed ten minutes ago by a timeout of its handler.
    TimedOut,
    /// Failed ten minutes ago, and may not be retried.
    NotRetryable,
    /// Cancelled ten minutes ago, before an attempt.
    Cancelled,
    /// Failed and resolved by a person, ten minutes ago.
    ResolvedManually,
}

impl From<StepState> for StepCondition {
    fn from(state: StepState) -> Self {
        match state {
            StepState::Pending => StepCondition::Fresh,
            StepState::InProgress => StepCondition::InProgress,
            StepState::Complete => StepCondition::Complete,
            StepState::Error => StepCondition::Failed { attempts: 1 },
            StepState::Cancelled => StepCondition::Cancelled,
            StepState::ResolvedManually => StepCondition::ResolvedManually,
        }
    }
}

/// The columns that a condition decides, and the states that the step went through.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StepValues {
    pub attempts: Option<i32>,
    pub last_attempted_at: Option<Timestamp>,
    pub processed_at: Option<Timestamp>,
    pub backoff_request_seconds: Option<i32>,
    pub may_be_retried: bool,
    pub results: Option<Value>,
    pub history: Vec<State>,
    /// The instant of the last of them.
    pub since: Timestamp,
}

impl StepCondition {
    /// All conditions, those with a number with a small one.
    pub const ALL: [StepCondition; 13] = [
        StepCondition::Fresh,
        StepCondition::InProgress,
        StepCondition::Stalled,
        StepCondition::Complete,
        StepCondition::Failed { attempts: 1 },
        StepCondition::Retrying { attempts: 1 },
        StepCondition::Exhausted,
        StepCondition::Backoff { attempts: 2 },
        StepCondition::RequestedBackoff { seconds: 60 },
        StepCondition::TimedOut,
        StepCondition::NotRetryable,
        StepCondition::Cancelled,
        StepCondition::ResolvedManually,
    ];

    /// The state that a step in this condition is in.
    ///
    /// ```
    /// use tasker_core::factories::StepCondition;
    /// use tasker_core::transitions::StepState;
    ///
    /// assert_eq!(StepCondition::Exhausted.state(), StepState::Error);
    /// ```
    pub fn state(self) -> StepState {
        match self {
            StepCondition::Fresh | StepCondition::Retrying { .. } => StepState::Pending,
            StepCondition::InProgress | StepCondition::Stalled => StepState::InProgress,
            StepCondition::Complete => StepState::Complete,
            StepCondition::Cancelled => StepState::Cancelled,
            StepCondition::ResolvedManually => StepState::ResolvedManually,
            _ => StepState::Error,
        }
    }

    pub(super) fn values(self, retry_limit: Option<i32>, now: Timestamp) -> StepValues {
        let earlier = now + Micros::from_seconds(-EARLIER);
        let limit = retry_limit.unwrap_or(crate::readiness::DEFAULT_RETRY_LIMIT);
        let since =
            |since, history| StepValues { history, since, may_be_retried: true, ..StepValues::default() };
        match self {
            StepCondition::Fresh => since(now, vec![]),
            StepCondition::InProgress => since(now, vec![State::InProgress]),
            StepCondition::Stalled => since(earlier, vec![State::InProgress]),
            StepCondition::Cancelled => since(earlier, vec![State::Cancelled]),
            StepCondition::Complete => StepValues {
                attempts: Some(1),
                last_attempted_at: Some(earlier),
                processed_at: Some(earlier),
                results: Some(json!({})),
                ..since(earlier, vec![State::InProgress, State::Complete])
            },
            StepCondition::Failed { attempts } => failed(attempts, earlier),
            StepCondition::Retrying { attempts } => {
                let mut values = failed(attempts, earlier);
                values.history.push(State::Pending);
                values
            }
            StepCondition::Exhausted => failed(limit, earlier),
            StepCondition::Backoff { attempts } => failed(attempts, now),
            StepCondition::RequestedBackoff { seconds } => {
                StepValues { backoff_request_seconds: Some(seconds), ..failed(1, now) }
            }
            StepCondition::TimedOut => {
                let results = json!({ "error": "execution expired", "error_class": "Timeout::Error" });
                StepValues { results: Some(results), ..failed(1, earlier) }
            }
            StepCondition::NotRetryable => StepValues { may_be_retried: false, ..failed(1, earlier) },
            StepCondition::ResolvedManually => {
                let mut values = failed(1, earlier);
                values.history.push(State::ResolvedManually);
                values.processed_at = Some(earlier);
                values
            }
        }
    }
}

/// A history of so many failed attempts, at least one.
fn failed(attempts: i32, since: Timestamp) -> StepValues {
    let attempts = attempts.max(1);
    let mut history = Vec::new();
    for attempt in 0..attempts {
        if attempt > 0 {
            history.push(State::Pending);
        }
        history.extend([State::InProgress, State::Error]);
    }
    StepValues {
        attempts: Some(attempts),
        last_attempted_at: Some(since),
        may_be_retried: true,
        results: Some(json!({ "error": "the factory's failure", "error_class": "StandardError" })),
        history,
        since,
        ..StepValues::default()
    }
}

/// The states through which a task has come to this one.
pub(super) fn task_history(state: TaskState) -> Vec<State> {
    match state {
        TaskState::Pending => vec![],
        TaskState::InProgress => vec![State::InProgress],
        TaskState::Complete => vec![State::InProgress, State::Complete],
        TaskState::Error => vec![State::InProgress, State::Error],
        TaskState::Cancelled => vec![State::Cancelled],
        TaskState::ResolvedManually => vec![State::InProgress, State::Error, State::ResolvedManually],
    }
}
