//! How an attempt at a step ended, and what became of that.

use super::execution::StepExecution;
use crate::ids::StepId;
use crate::operations::execution::Ending;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepResult {
    /// The handler succeeded.
    Complete {
        /// The results to keep, as JSON text; `None` leaves those of the row.
        results: Option<Box<str>>,
    },
    /// The handler failed.
    Failed(StepFailure),
    /// A host whose handlers work on records of their own saves what they have changed, as it is.
    Saved {
        /// How the attempt ended.
        ending: Ending,
        /// The columns of the step's row to write, by name, as the text of a JSON object; instants are text such as
        /// `2026-01-31 12:00:00.000001`, in UTC. Columns that are not there stay, and so do the ids and `created_at`.
        columns: Box<str>,
    },
}

/// The failure of an attempt, kept in the step's results under the engine's keys `error`, `error_class` and `backtrace`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepFailure {
    /// The message.
    pub error: String,
    /// The kind of error.
    pub error_class: String,
    /// Where it came from; empty where that is unknown.
    pub backtrace: String,
    /// Whether no other attempt may be made.
    pub is_permanent: bool,
    /// The wait in seconds that the handler asks for. The step waits for the longer of this and the one after its failure.
    pub backoff_seconds: Option<u16>,
}

impl StepFailure {
    /// A failure that may be retried.
    pub fn new(error: impl ToString) -> Self {
        StepFailure {
            error: error.to_string(),
            error_class: "StepFailure".to_owned(),
            ..StepFailure::default()
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::json!({ "error": self.error, "error_class": self.error_class, "backtrace": self.backtrace }).to_string()
    }
}

/// What became of an attempt, for [`Reply::Ended`](super::Reply::Ended).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepEnd {
    /// The step.
    pub step: StepId,
    /// What became of it.
    pub ended: StepEnded,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepEnded {
    /// The step is complete.
    Complete {
        /// The successor, where it was claimed with it.
        successor: Option<Box<StepExecution>>,
    },
    /// The step is in error.
    Failed,
    /// The claim was lost, and nothing was written.
    ClaimLost,
    /// The host no longer waits for it: it may end later.
    Abandoned,
    /// The host has not claimed the step that was offered.
    Unclaimed,
}
