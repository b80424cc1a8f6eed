//! The states that tasks and steps share.

use serde::{Deserialize, Serialize, Serializer};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A state of a task or a step.
///
/// The columns are free text without a constraint, and rows written by hand or by older versions carry other words, even
/// the empty one. Such a word is kept as it is ([`State::Other`]): it has no successors and counts nowhere, but it is
/// shown.
///
/// ```
/// use tasker_core::state::State;
///
/// assert_eq!(State::from("in_progress"), State::InProgress);
/// assert_eq!(State::InProgress.as_str(), "in_progress");
/// assert!(State::ResolvedManually.satisfies_dependents() && !State::Cancelled.satisfies_dependents());
/// // A word that only hands can have written stays what it is.
/// assert_eq!(State::from("on hold").to_string(), "on hold");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(from = "String")]
pub enum State {
    /// Nothing has happened yet. Also the state of an owner that has no transition at all.
    Pending,
    /// Being worked on.
    InProgress,
    /// Ended well.
    Complete,
    /// Failed; may be retried.
    Error,
    /// Given up on purpose.
    Cancelled,
    /// Settled by a person.
    ResolvedManually,
    /// A word outside of the machine.
    Other(Box<str>),
}

impl State {
    /// The six states of both machines, in the engine's order.
    pub const ALL: [State; 6] = [
        State::Pending,
        State::InProgress,
        State::Complete,
        State::Error,
        State::Cancelled,
        State::ResolvedManually,
    ];

    /// The word in the `to_state` column.
    pub fn as_str(&self) -> &str {
        match self {
            State::Pending => "pending",
            State::InProgress => "in_progress",
            State::Complete => "complete",
            State::Error => "error",
            State::Cancelled => "cancelled",
            State::ResolvedManually => "resolved_manually",
            State::Other(word) => word,
        }
    }

    /// Does a step in this state satisfy the steps that depend on it?
    ///
    /// Cancelled steps do not: a cancelled parent blocks its children for good.
    pub fn satisfies_dependents(&self) -> bool {
        matches!(self, State::Complete | State::ResolvedManually)
    }
}

impl From<&str> for State {
    fn from(word: &str) -> Self {
        State::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .unwrap_or_else(|| State::Other(word.into()))
    }
}

impl From<String> for State {
    fn from(word: String) -> Self {
        State::from(word.as_str())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<State> for String {
    fn from(state: State) -> Self {
        state.as_str().to_owned()
    }
}

impl FromStr for State {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(State::from(word))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
