//! How far a task has come, and what to do with it next.
//!
//! Source: the engine's SQL function `get_task_execution_context`; the order of its `CASE` branches is the order here.
//!
//! ```
//! use tasker_core::records::{StepRecord, TaskRecord};
//! use tasker_core::ids::{NamedStepId, NamedTaskId, StepId, TaskId};
//! use tasker_core::progress::{ExecutionContext, ExecutionStatus, HealthStatus, Percentage, RecommendedAction, execution_context};
//! use tasker_core::readiness::Readiness;
//! use tasker_core::time::Timestamp;
//!
//! let task = TaskRecord { id: TaskId(7), named_task_id: NamedTaskId(1), state: None };
//! let step = StepRecord::new(StepId(1), TaskId(7), NamedStepId(3), "ship");
//! let context: ExecutionContext = execution_context(&task, &[Readiness::of(&step, Timestamp(0))]);
//!
//! assert_eq!(context.execution_status, ExecutionStatus::HasReadySteps);
//! assert_eq!(context.execution_status.recommended_action(), RecommendedAction::ExecuteReadySteps);
//! assert_eq!(context.completion_percentage.hundredths(), 0);
//! assert_eq!(Percentage::of(1, 3).to_string(), "33.33");
//! assert_eq!(context.health_status.as_str(), "healthy");
//! assert_eq!(HealthStatus::from_word("recovering"), Some(HealthStatus::Recovering));
//! ```

use crate::ids::{NamedTaskId, TaskId};
use crate::readiness::Readiness;
use crate::records::TaskRecord;
use crate::state::State;
use serde::Serialize;
use std::fmt;

/// A task's execution context: the thirteen columns that the engine's callers see, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExecutionContext {
    /// The task.
    pub task_id: TaskId,
    /// Its definition.
    pub named_task_id: NamedTaskId,
    /// `pending` where there is no transition.
    pub status: State,
    /// Steps in any state, words outside of the machine included.
    pub total_steps: u64,
    /// Steps that are pending.
    pub pending_steps: u64,
    /// Steps in progress.
    pub in_progress_steps: u64,
    /// Steps complete or resolved manually.
    pub completed_steps: u64,
    /// Steps in error.
    pub failed_steps: u64,
    /// Steps that may be run now.
    pub ready_steps: u64,
    /// Where the task stands.
    pub execution_status: ExecutionStatus,
    /// What to do about it.
    pub recommended_action: RecommendedAction,
    /// Completed steps of all steps.
    pub completion_percentage: Percentage,
    /// Whether failures endanger it.
    pub health_status: HealthStatus,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// The engine's word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The variant of a word of the engine's.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words!(
    /// Where a task stands.
    ExecutionStatus {
        /// A step may be run.
        HasReadySteps => "has_ready_steps",
        /// Nothing may be run, something is running.
        Processing => "processing",
        /// Nothing runs, and a failed step has no attempt left.
        BlockedByFailures => "blocked_by_failures",
        /// Every step is done.
        AllComplete => "all_complete",
        /// None of the above: steps wait for their backoff, for parents that will not come, or there are no steps.
        WaitingForDependencies => "waiting_for_dependencies",
    }
);

words!(
    /// What to do with a task.
    RecommendedAction {
        /// Run what is ready.
        ExecuteReadySteps => "execute_ready_steps",
        /// Let it run.
        WaitForCompletion => "wait_for_completion",
        /// A person must look at it.
        HandleFailures => "handle_failures",
        /// Close it.
        FinalizeTask => "finalize_task",
        /// Come back later.
        WaitForDependencies => "wait_for_dependencies",
    }
);

words!(
    /// Whether failures endanger a task.
    HealthStatus {
        /// Nothing has failed.
        Healthy => "healthy",
        /// Something failed and can still succeed.
        Recovering => "recovering",
        /// Something failed for good and nothing else can be run.
        Blocked => "blocked",
    }
);

impl ExecutionStatus {
    /// The action that the engine recommends in this situation.
    pub const fn recommended_action(self) -> RecommendedAction {
        match self {
            ExecutionStatus::HasReadySteps => RecommendedAction::ExecuteReadySteps,
            ExecutionStatus::Processing => RecommendedAction::WaitForCompletion,
            ExecutionStatus::BlockedByFailures => RecommendedAction::HandleFailures,
            ExecutionStatus::AllComplete => RecommendedAction::FinalizeTask,
            ExecutionStatus::WaitingForDependencies => RecommendedAction::WaitForDependencies,
        }
    }
}

/// A share of a whole in hundredths of a percent, rounded half up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct Percentage(u64);

impl Percentage {
    /// `part` of `whole`; nothing of nothing is 0 %.
    pub const fn of(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Percentage(0);
        }
        Percentage((part * 20_000 + whole) / (2 * whole))
    }

    /// From PostgreSQL's text of a percentage: digits with at most two decimals, such as `0.0` or `33.33`.
    ///
    /// ```
    /// use tasker_core::progress::Percentage;
    ///
    /// assert_eq!(Percentage::parse("33.33"), Some(Percentage::of(1, 3)));
    /// assert_eq!(Percentage::parse("0.123"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if decimals.len() > 2 || !digits(decimals) || !digits(whole) {
            return None;
        }
        let hundredths: u64 = format!("{decimals:0<2}").parse().ok()?;
        whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(hundredths).map(Percentage)
    }

    /// Hundredths of a percent, 0 to 10 000.
    pub const fn hundredths(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Percentage {
    /// Two decimals, as PostgreSQL's `round(…, 2)` prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Percentage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Default)]
struct Tally {
    pending: u64,
    in_progress: u64,
    completed: u64,
    failed: u64,
    ready: u64,
    permanently_blocked: u64,
}

impl Tally {
    fn of(steps: &[Readiness]) -> Self {
        steps.iter().fold(Tally::default(), Tally::count)
    }

    fn count(mut self, step: &Readiness) -> Self {
        match step.current_state {
            State::Pending => self.pending += 1,
            State::InProgress => self.in_progress += 1,
            State::Complete | State::ResolvedManually => self.completed += 1,
            State::Error => self.failed += 1,
            State::Cancelled | State::Other(_) => {}
        }
        self.ready += u64::from(step.ready_for_execution);
        self.permanently_blocked += u64::from(step.is_permanently_blocked());
        self
    }

    fn execution_status(&self, total: u64) -> ExecutionStatus {
        if self.ready > 0 {
            ExecutionStatus::HasReadySteps
        } else if self.in_progress > 0 {
            ExecutionStatus::Processing
        } else if self.permanently_blocked > 0 {
            ExecutionStatus::BlockedByFailures
        } else if self.completed == total && total > 0 {
            ExecutionStatus::AllComplete
        } else {
            ExecutionStatus::WaitingForDependencies
        }
    }

    fn health_status(&self) -> HealthStatus {
        if self.failed == 0 {
            HealthStatus::Healthy
        } else if self.ready == 0 && self.permanently_blocked > 0 {
            HealthStatus::Blocked
        } else {
            HealthStatus::Recovering
        }
    }
}

/// The execution context of a task whose steps' readiness is `steps`. O(steps).
pub fn execution_context(task: &TaskRecord, steps: &[Readiness]) -> ExecutionContext {
    let tally = Tally::of(steps);
    let total = steps.len() as u64;
    let execution_status = tally.execution_status(total);
    ExecutionContext {
        task_id: task.id,
        named_task_id: task.named_task_id,
        status: task.state.clone().unwrap_or(State::Pending),
        total_steps: total,
        pending_steps: tally.pending,
        in_progress_steps: tally.in_progress,
        completed_steps: tally.completed,
        failed_steps: tally.failed,
        ready_steps: tally.ready,
        execution_status,
        recommended_action: execution_status.recommended_action(),
        completion_percentage: Percentage::of(tally.completed, total),
        health_status: tally.health_status(),
    }
}
