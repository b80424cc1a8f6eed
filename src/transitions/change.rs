//! A transition that is asked for.

use crate::operations::transition::Claims;
use crate::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The JSON object that a transition keeps.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// A state to go to, with what is recorded along with it.
///
/// A state alone is a change too: `task.transition_to(TaskState::Complete, …)`.
///
/// ```
/// use tasker_core::transitions::{Change, StepState};
///
/// let mut cancelled = Change::to(StepState::Cancelled).from(StepState::Pending);
/// cancelled.metadata.insert("reason".into(), "the customer withdrew".into());
/// assert_eq!(cancelled.to, StepState::Cancelled);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Change<State> {
    /// The state to go to.
    pub to: State,
    /// The only state to come from; any that the machine allows where it is `None`.
    pub from: Option<State>,
    /// Kept with the transition; an empty object where nothing is said, as the engine writes it.
    pub metadata: Metadata,
    /// The instant to record; this machine's clock in UTC where it is `None`, as Rails does.
    pub at: Option<Timestamp>,
    /// The claims on whose behalf it moves; none compares states only.
    pub claims: Claims,
}

impl<State> Change<State> {
    /// Goes to `to` from whatever state leads there, now, without metadata.
    pub fn to(to: State) -> Self {
        Change { to, from: None, metadata: Metadata::new(), at: None, claims: Claims::default() }
    }

    /// Only from this state: from another the transition is invalid, though the machine may allow it.
    pub fn from(mut self, from: State) -> Self {
        self.from = Some(from);
        self
    }

    /// With this metadata.
    ///
    /// ```
    /// use serde_json::json;
    /// use tasker_core::transitions::{Change, Metadata, TaskState};
    ///
    /// let metadata: Metadata = serde_json::from_value(json!({ "by": "nightly" }))?;
    /// let change = Change::to(TaskState::Cancelled).metadata(metadata);
    /// assert_eq!(change.metadata["by"], "nightly");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Only while these claims stand. The claim of a worker is the id of its transition to in progress.
    ///
    /// ```
    /// use tasker_core::ids::TransitionId;
    /// use tasker_core::operations::transition::Claims;
    /// use tasker_core::transitions::{Change, StepState};
    ///
    /// let begun = TransitionId(17);
    /// let ended = Change::to(StepState::Complete).claimed_by(Claims { own: Some(begun), task: None });
    /// assert_eq!(ended.claims.own, Some(begun));
    /// ```
    pub fn claimed_by(mut self, claims: Claims) -> Self {
        self.claims = claims;
        self
    }

    /// Recorded at this instant.
    ///
    /// ```
    /// use tasker_core::time::Timestamp;
    /// use tasker_core::transitions::{Change, StepState};
    ///
    /// let ended = Change::to(StepState::Complete).at(Timestamp(1_750_000_000_000_000));
    /// assert_eq!(ended.at, Some(Timestamp(1_750_000_000_000_000)));
    /// ```
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }
}

impl<State> From<State> for Change<State> {
    fn from(to: State) -> Self {
        Change::to(to)
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(0) + since.into()
}
