//! What follows from a readiness row or an execution context. Source: the methods of the engine's
//! `FunctionBasedStepReadinessStatus` and `FunctionBasedTaskExecutionContext`.

use crate::backoff::LONGEST_FAILURE_WAIT;
use crate::blocker::Blocker;
use crate::progress::{ExecutionContext, ExecutionStatus, RecommendedAction};
use crate::readiness::Readiness;
use crate::state::State;
use crate::time::{Micros, Timestamp};

/// Why a step may not run in the engine's four words, by [`Readiness::blocking_reason`]: all that a row of the engine's function says.
///
/// [`Blocker`] is finer, needs the step's facts, and converts into one of these words. The two may differ for a step with several blockers: a
/// row puts open parents before used up attempts.
///
/// ```
/// use tasker_core::blocker::Blocker;
/// use tasker_core::functions::BlockingReason;
///
/// assert_eq!(BlockingReason::from(Blocker::Exhausted { attempts: 3, limit: 3 }), BlockingReason::RetryNotEligible);
/// assert_eq!(BlockingReason::from(Blocker::Parents { open: 1, total: 2 }), BlockingReason::DependenciesNotSatisfied);
/// assert_eq!(BlockingReason::from(Blocker::NotRetryable), BlockingReason::Unknown);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockingReason {
    /// A parent is not done.
    DependenciesNotSatisfied,
    /// No attempt is left.
    RetryNotEligible,
    /// The step is neither pending nor in error.
    InvalidState,
    /// None of these: it waits for its backoff, was processed, is in process or may not be retried.
    Unknown,
}

impl From<Blocker> for BlockingReason {
    fn from(blocker: Blocker) -> Self {
        match blocker {
            Blocker::Parents { .. } | Blocker::CancelledParent => BlockingReason::DependenciesNotSatisfied,
            Blocker::Exhausted { .. } => BlockingReason::RetryNotEligible,
            Blocker::NotRetryable | Blocker::Processed | Blocker::InProcess | Blocker::Backoff { .. } => {
                BlockingReason::Unknown
            }
        }
    }
}

/// What a step waits for before its next attempt, by [`Readiness::backoff`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backoff {
    /// The handler asked for a wait, counted from the last attempt.
    Explicit,
    /// The step failed: the wait doubles with each attempt.
    Exponential,
    /// Nothing.
    None,
}

/// Whether a step has attempts left, by [`Readiness::retry_status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryStatus {
    /// As many attempts as are allowed were made.
    MaxRetriesReached,
    /// Attempts are left.
    RetryEligible,
    /// Attempts are left, but the function says no: version 01 of it counts waits here.
    WaitingForBackoff,
}

impl Readiness {
    /// Why the step may not run; `None` if it may. O(1).
    ///
    /// ```
    /// # use tasker_core::records::{ParentCount, StepRecord};
    /// # use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// # use tasker_core::readiness::Readiness;
    /// # use tasker_core::time::Timestamp;
    /// use tasker_core::functions::BlockingReason;
    ///
    /// # let step = |parents| StepRecord {
    /// #     id: StepId(1), task_id: TaskId(1), named_step_id: NamedStepId(1), name: "ship".into(), state: None,
    /// #     failed_at: None, processed: false, in_process: false, retryable: true, attempts: None, retry_limit: None,
    /// #     backoff_request_seconds: None, last_attempted_at: None, parents,
    /// # };
    /// # let now = Timestamp(0);
    /// let waiting = Readiness::of(&step(ParentCount { total: 2, completed: 1 }), now);
    /// assert_eq!(waiting.blocking_reason(), Some(BlockingReason::DependenciesNotSatisfied));
    /// let ready = Readiness::of(&step(ParentCount { total: 2, completed: 2 }), now);
    /// assert_eq!(ready.blocking_reason(), None);
    /// ```
    pub fn blocking_reason(&self) -> Option<BlockingReason> {
        if self.ready_for_execution {
            None
        } else if !self.dependencies_satisfied {
            Some(BlockingReason::DependenciesNotSatisfied)
        } else if !self.retry_eligible {
            Some(BlockingReason::RetryNotEligible)
        } else if !matches!(self.current_state, State::Pending | State::Error) {
            Some(BlockingReason::InvalidState)
        } else {
            Some(BlockingReason::Unknown)
        }
    }

    /// How long it takes at `now` until the reported retry, never less than zero; zero if the step may run, `None` without a retry. O(1).
    ///
    /// The reported retry may come before the step is ready: see [`Readiness::next_retry_at`].
    ///
    /// ```
    /// # use tasker_core::records::{ParentCount, StepRecord};
    /// # use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// # use tasker_core::readiness::Readiness;
    /// # use tasker_core::state::State;
    /// # use tasker_core::time::{Micros, Timestamp};
    /// # let now = Timestamp(0);
    /// # let failed = StepRecord {
    /// #     id: StepId(1), task_id: TaskId(1), named_step_id: NamedStepId(1), name: "ship".into(), state: Some(State::Error),
    /// #     failed_at: Some(now), processed: false, in_process: false, retryable: true, attempts: Some(2), retry_limit: Some(3),
    /// #     backoff_request_seconds: None, last_attempted_at: Some(now), parents: ParentCount::default(),
    /// # };
    /// # let step = Readiness::of(&failed, now);
    /// // The second attempt has failed now.
    /// assert_eq!(step.time_until_ready(now), Some(Micros::from_seconds(4)));
    /// ```
    pub fn time_until_ready(&self, now: Timestamp) -> Option<Micros> {
        if self.ready_for_execution {
            return Some(Micros(0));
        }
        self.next_retry_at.map(|retry| Micros(retry.0.saturating_sub(now.0).max(0)))
    }

    /// Attempts left or not. O(1).
    ///
    /// ```
    /// # use tasker_core::records::{ParentCount, StepRecord};
    /// # use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// # use tasker_core::readiness::Readiness;
    /// # use tasker_core::state::State;
    /// # use tasker_core::time::{Micros, Timestamp};
    /// # let now = Timestamp(0);
    /// # let failed = StepRecord {
    /// #     id: StepId(1), task_id: TaskId(1), named_step_id: NamedStepId(1), name: "ship".into(), state: Some(State::Error),
    /// #     failed_at: Some(now), processed: false, in_process: false, retryable: true, attempts: Some(2), retry_limit: Some(3),
    /// #     backoff_request_seconds: None, last_attempted_at: Some(now), parents: ParentCount::default(),
    /// # };
    /// # let step = Readiness::of(&failed, now);
    /// use tasker_core::functions::RetryStatus;
    ///
    /// assert_eq!(step.retry_status(), RetryStatus::RetryEligible, "two of three attempts are made");
    /// ```
    pub fn retry_status(&self) -> RetryStatus {
        if self.attempts >= self.retry_limit {
            RetryStatus::MaxRetriesReached
        } else if self.retry_eligible {
            RetryStatus::RetryEligible
        } else {
            RetryStatus::WaitingForBackoff
        }
    }

    /// The wait that [`Readiness::next_retry_at`] is computed from. O(1).
    ///
    /// ```
    /// # use tasker_core::records::{ParentCount, StepRecord};
    /// # use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// # use tasker_core::readiness::Readiness;
    /// # use tasker_core::state::State;
    /// # use tasker_core::time::{Micros, Timestamp};
    /// # let now = Timestamp(0);
    /// # let failed = StepRecord {
    /// #     id: StepId(1), task_id: TaskId(1), named_step_id: NamedStepId(1), name: "ship".into(), state: Some(State::Error),
    /// #     failed_at: Some(now), processed: false, in_process: false, retryable: true, attempts: Some(2), retry_limit: Some(3),
    /// #     backoff_request_seconds: None, last_attempted_at: Some(now), parents: ParentCount::default(),
    /// # };
    /// # let step = Readiness::of(&failed, now);
    /// use tasker_core::functions::Backoff;
    ///
    /// assert_eq!(step.backoff(), Backoff::Exponential);
    /// ```
    pub fn backoff(&self) -> Backoff {
        if self.backoff_request_seconds.is_some() && self.last_attempted_at.is_some() {
            Backoff::Explicit
        } else if self.last_failure_at.is_some() {
            Backoff::Exponential
        } else {
            Backoff::None
        }
    }

    /// The length of the wait in whole seconds: the requested one, else 2 to the power of the attempts, at most 30; 0 before the first
    /// attempt. O(1).
    ///
    /// ```
    /// # use tasker_core::records::{ParentCount, StepRecord};
    /// # use tasker_core::ids::{NamedStepId, StepId, TaskId};
    /// # use tasker_core::readiness::Readiness;
    /// # use tasker_core::state::State;
    /// # use tasker_core::time::{Micros, Timestamp};
    /// # let now = Timestamp(0);
    /// # let failed = StepRecord {
    /// #     id: StepId(1), task_id: TaskId(1), named_step_id: NamedStepId(1), name: "ship".into(), state: Some(State::Error),
    /// #     failed_at: Some(now), processed: false, in_process: false, retryable: true, attempts: Some(2), retry_limit: Some(3),
    /// #     backoff_request_seconds: None, last_attempted_at: Some(now), parents: ParentCount::default(),
    /// # };
    /// # let step = Readiness::of(&failed, now);
    /// assert_eq!(step.effective_backoff_seconds(), 4);
    /// ```
    pub fn effective_backoff_seconds(&self) -> i64 {
        let longest = LONGEST_FAILURE_WAIT.0 / 1_000_000;
        match (self.backoff_request_seconds, self.attempts) {
            (Some(seconds), _) => seconds.into(),
            (None, ..=0) => 0,
            (None, attempts) => 2i64.checked_pow(attempts.unsigned_abs()).unwrap_or(longest).min(longest),
        }
    }
}

/// How urgent an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// It can wait.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
    /// Now, and by a person.
    Critical,
}

/// What to do with a task next, by [`ExecutionContext::next_action`].
///
/// ```
/// # use tasker_core::records::TaskRecord;
/// # use tasker_core::ids::{NamedTaskId, TaskId};
/// # use tasker_core::progress::execution_context;
/// use tasker_core::functions::NextAction;
///
/// # let context = execution_context(&TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None }, &[]);
/// let NextAction { description, can_proceed, .. } = context.next_action();
/// println!("{description}");
/// # let _ = can_proceed;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextAction {
    /// The action.
    pub action: RecommendedAction,
    /// One sentence for people.
    pub description: String,
    /// How urgent it is.
    pub urgency: Urgency,
    /// The task moves on by it.
    pub can_proceed: bool,
}

impl ExecutionContext {
    /// A step may be run or is running. O(1).
    ///
    /// ```
    /// # use tasker_core::records::TaskRecord;
    /// # use tasker_core::ids::{NamedTaskId, TaskId};
    /// # use tasker_core::progress::execution_context;
    /// let empty = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None };
    /// let context = execution_context(&empty, &[]);
    /// assert!(!context.has_work_to_do());
    /// ```
    pub fn has_work_to_do(&self) -> bool {
        self.needs_immediate_action() || self.execution_status == ExecutionStatus::Processing
    }

    /// Steps can be run, or the task can be closed. O(1).
    ///
    /// ```
    /// # use tasker_core::records::TaskRecord;
    /// # use tasker_core::ids::{NamedTaskId, TaskId};
    /// # use tasker_core::progress::execution_context;
    /// let empty = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None };
    /// let context = execution_context(&empty, &[]);
    /// assert!(!context.needs_immediate_action());
    /// ```
    pub fn needs_immediate_action(&self) -> bool {
        self.execution_status == ExecutionStatus::HasReadySteps
    }

    /// Steps that are neither complete nor resolved manually. O(1).
    ///
    /// ```
    /// # use tasker_core::records::TaskRecord;
    /// # use tasker_core::ids::{NamedTaskId, TaskId};
    /// # use tasker_core::progress::execution_context;
    /// let empty = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None };
    /// let context = execution_context(&empty, &[]);
    /// assert_eq!(context.remaining_steps(), 0);
    /// ```
    pub fn remaining_steps(&self) -> u64 {
        self.total_steps.saturating_sub(self.completed_steps)
    }

    /// The recommended action with its reason and urgency. O(1).
    ///
    /// ```
    /// use tasker_core::records::TaskRecord;
    /// use tasker_core::functions::Urgency;
    /// use tasker_core::ids::{NamedTaskId, TaskId};
    /// use tasker_core::progress::execution_context;
    ///
    /// let task = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None };
    /// let next = execution_context(&task, &[]).next_action();
    /// assert_eq!((next.urgency, next.can_proceed), (Urgency::Low, false));
    /// assert_eq!(next.description, "Waiting for dependencies to be satisfied");
    /// ```
    pub fn next_action(&self) -> NextAction {
        let (description, urgency, can_proceed) = match self.recommended_action {
            RecommendedAction::ExecuteReadySteps => {
                (format!("{} steps ready for execution", self.ready_steps), Urgency::High, true)
            }
            RecommendedAction::WaitForCompletion => {
                (format!("{} steps currently processing", self.in_progress_steps), Urgency::Low, false)
            }
            RecommendedAction::HandleFailures => {
                (format!("{} failed steps blocking progress", self.failed_steps), Urgency::Critical, false)
            }
            RecommendedAction::FinalizeTask => {
                ("All steps completed successfully".to_owned(), Urgency::Medium, true)
            }
            RecommendedAction::WaitForDependencies => {
                ("Waiting for dependencies to be satisfied".to_owned(), Urgency::Low, false)
            }
        };
        NextAction { action: self.recommended_action, description, urgency, can_proceed }
    }
}
