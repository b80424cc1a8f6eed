//! Results of a run.

use crate::state::State;
use crate::time::Micros;

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All steps are done, and the task is complete.
    Complete,
    /// A step has failed for good and no other can be executed: the task is in error.
    Blocked,
    /// The task is pending.
    Pending {
        /// The reason.
        pause: Pause,
        /// When to come back, counted from now; `None` where time alone changes nothing.
        come_back: Option<Micros>,
    },
    /// The task was not started, and nothing was written.
    Refused(StartRefusal),
    /// Another worker has the task since.
    Lost,
    /// No step can be executed, and the task is still in progress by the run's claim: what becomes of it is the host's to decide.
    NothingReady {
        /// Whether steps are ready that could not be claimed.
        unclaimed: bool,
    },
}

/// The reason why a task is pending again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pause {
    /// Steps wait for their time, for parents that are not done, or there are none.
    Waiting,
    /// Steps are in progress by other claims.
    Processing,
    /// Steps are ready and could not be claimed.
    Stalled,
    /// Only steps that other workers execute can go on, now or after a wait. The transition to pending says so in its metadata:
    /// `{"tasker_core": {"handover": true}}`.
    OtherSteps,
    /// The run was ended early by [`Stop`](super::Stop).
    Stopped,
}

/// The reason why a task was not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartRefusal {
    /// There is no such task.
    #[error("there is no such task")]
    UnknownTask,
    /// The task is complete.
    #[error("the task is complete already")]
    AlreadyComplete,
    /// The task is in another state than pending.
    #[error("the task should be 'pending', got '{0}'")]
    NotPending(State),
}
