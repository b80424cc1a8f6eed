//! Arguments of the gem's own operations, in the order of their fields.

use serde::Deserialize;
use tasker_core::ids::{StepId, TransitionId};
use tasker_core::operations::execution::{Attempt, Changes, Ending};
use tasker_core::operations::task_snapshot::KnownVersions;
use tasker_core::operations::transition::{Claims, Request, Subject};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

/// What a round has read already.
#[derive(Deserialize)]
pub(super) struct Seen {
    /// The version of the task's row.
    task: Option<Box<str>>,
    steps: Vec<StepId>,
    /// The versions of these steps' rows.
    versions: Vec<Box<str>>,
    /// Whether the rows of all steps are wanted.
    all_steps: bool,
    /// Tables whose row triggers are wanted.
    tables: Vec<Box<str>>,
}

impl From<Seen> for KnownVersions {
    fn from(Seen { task, steps, versions, all_steps, tables }: Seen) -> Self {
        KnownVersions { task, steps: steps.into_iter().zip(versions).collect(), all_steps, tables }
    }
}

/// How steps are created.
#[derive(Deserialize)]
pub(super) struct Created {
    /// Of each step, as JSON text.
    pub(super) inputs: String,
    pub(super) at: Timestamp,
    /// Whether a survey of them is wanted.
    pub(super) survey: bool,
}

/// How an attempt has ended, as the step's object has it.
#[derive(Deserialize)]
pub(super) struct Ended {
    is_complete: bool,
    attempts: i32,
    last_attempted_at: Timestamp,
    flags: Flags,
    /// `[JSON or nil]` where they change.
    results: Option<(Option<Box<str>>,)>,
    at: Timestamp,
    distinct_to: Option<StepId>,
    claim: Option<TransitionId>,
}

/// Columns that stay as they are where they are nil.
#[derive(Deserialize)]
struct Flags {
    processed: Option<bool>,
    in_process: Option<bool>,
    processed_at: Option<Timestamp>,
}

impl Ended {
    pub(super) fn attempt(self, step: StepId) -> Attempt {
        let Flags { processed, in_process, processed_at } = self.flags;
        let results = self.results.map(|(json,)| json);
        Attempt {
            step,
            ending: if self.is_complete { Ending::Complete } else { Ending::Error },
            attempts: self.attempts,
            last_attempted_at: self.last_attempted_at,
            changes: Changes { processed, in_process, processed_at, results },
            at: self.at,
            distinct_to: self.distinct_to,
            claim: self.claim,
        }
    }
}

/// A transition to check.
#[derive(Deserialize)]
pub(super) struct Wanted {
    pub(super) to: State,
    /// The parents of a step where its object has them.
    pub(super) parents: Option<Vec<StepId>>,
    pub(super) claims: Claims,
}

/// A transition to make.
#[derive(Deserialize)]
pub(super) struct Moved {
    to: State,
    from: Option<State>,
    /// As JSON text.
    metadata: Box<str>,
    at: Timestamp,
    parents: Option<Vec<StepId>>,
    claims: Claims,
}

impl Moved {
    pub(super) fn request(self, subject: Subject) -> Request {
        let Moved { to, from, metadata, at, parents, claims } = self;
        Request { subject, to, from, metadata, at, parents, claims }
    }
}
