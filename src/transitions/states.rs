//! States and events, one type a machine, so that a step's state cannot be given to a task.

use crate::machine::{Machine, Owner};
use crate::state::State;
use std::fmt;
use std::hash::Hash;
use std::str::FromStr;

/// A word that is no state of either machine, as hands and older versions have written.
///
/// ```
/// use tasker_core::transitions::{TaskState, UnknownState};
///
/// let unknown: UnknownState = "on hold".parse::<TaskState>().unwrap_err();
/// assert_eq!(&*unknown.word, "on hold");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{word:?} is no state: expected one of pending, in_progress, complete, error, cancelled, resolved_manually"
)]
pub struct UnknownState {
    /// The word.
    pub word: Box<str>,
}

/// The states of one machine.
pub trait MachineState:
    Copy
    + Eq
    + Hash
    + fmt::Debug
    + fmt::Display
    + Into<State>
    + TryFrom<State, Error = UnknownState>
    + Send
    + Sync
    + 'static
{
    /// The events of the machine.
    type Event: Copy + Eq + Hash + fmt::Debug + fmt::Display + Send + Sync + 'static;

    /// Task or step.
    const OWNER: Owner;

    /// The six states, in the engine's order.
    const ALL: [Self; 6];

    /// The event that the engine publishes when this state is reached.
    fn event(self) -> Self::Event;

    /// The states that this one leads to, guards aside, in the engine's order. O(1).
    ///
    /// ```
    /// use tasker_core::transitions::{MachineState, StepState, TaskState};
    ///
    /// assert_eq!(TaskState::Complete.successors(), [TaskState::Cancelled]);
    /// assert!(StepState::Complete.successors().is_empty());
    /// ```
    fn successors(self) -> Vec<Self> {
        let successors = Machine::of(Self::OWNER).successors(&self.into());
        successors.iter().filter_map(|state| Self::try_from(state.clone()).ok()).collect()
    }
}

macro_rules! machine {
    (
        $(#[$state_doc:meta])* $state:ident, $(#[$event_doc:meta])* $event:ident, $owner:expr,
        $($(#[$variant_doc:meta])* $variant:ident => $event_variant:ident $name:literal,)+
    ) => {
        $(#[$state_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $state { $($(#[$variant_doc])* $variant),+ }

        $(#[$event_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $event { $(#[doc = concat!("`", $name, "`")] $event_variant),+ }

        impl $event {
            /// The name under which the engine publishes it.
            ///
            /// ```
            #[doc = concat!("use tasker_core::transitions::{MachineState, ", stringify!($state), "};")]
            ///
            #[doc = concat!("assert!(", stringify!($state), "::Complete.event().as_str().ends_with(\".completed\"));")]
            /// ```
            pub const fn as_str(self) -> &'static str {
                match self { $($event::$event_variant => $name),+ }
            }
        }

        impl fmt::Display for $event {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl MachineState for $state {
            type Event = $event;
            const OWNER: Owner = $owner;
            const ALL: [Self; 6] = [$($state::$variant),+];

            fn event(self) -> $event {
                match self { $($state::$variant => $event::$event_variant),+ }
            }
        }

        impl From<$state> for State {
            fn from(state: $state) -> State {
                match state { $($state::$variant => State::$variant),+ }
            }
        }

        impl From<$state> for Option<State> {
            fn from(state: $state) -> Option<State> {
                Some(state.into())
            }
        }

        impl TryFrom<State> for $state {
            type Error = UnknownState;

            fn try_from(state: State) -> Result<Self, UnknownState> {
                match state {
                    $(State::$variant => Ok($state::$variant),)+
                    State::Other(word) => Err(UnknownState { word }),
                }
            }
        }

        impl FromStr for $state {
            type Err = UnknownState;

            fn from_str(word: &str) -> Result<Self, UnknownState> {
                Self::try_from(State::from(word))
            }
        }

        impl fmt::Display for $state {
            /// The word in the `to_state` column.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(State::from(*self).as_str())
            }
        }
    };
}

machine!(
    /// A state of a task.
    ///
    /// ```
    /// use tasker_core::transitions::{MachineState, TaskEvent, TaskState};
    ///
    /// assert_eq!("in_progress".parse(), Ok(TaskState::InProgress));
    /// assert_eq!(TaskState::InProgress.event(), TaskEvent::StartRequested);
    /// assert_eq!(TaskEvent::StartRequested.to_string(), "task.start_requested");
    /// ```
    TaskState,
    /// An event of a task.
    TaskEvent, Owner::Task,
    /// Nothing has happened yet, or the task is to run again.
    Pending => InitializeRequested "task.initialize_requested",
    /// Its steps are run.
    InProgress => StartRequested "task.start_requested",
    /// All of its steps are done.
    Complete => Completed "task.completed",
    /// A step has failed for good.
    Error => Failed "task.failed",
    /// Given up on purpose.
    Cancelled => Cancelled "task.cancelled",
    /// Settled by a person.
    ResolvedManually => ResolvedManually "task.resolved_manually",
);

machine!(
    /// A state of a step.
    ///
    /// ```
    /// use tasker_core::transitions::{MachineState, StepEvent, StepState};
    ///
    /// assert_eq!(StepState::InProgress.event(), StepEvent::ExecutionRequested);
    /// assert!("running".parse::<StepState>().is_err());
    /// ```
    StepState,
    /// An event of a step.
    StepEvent, Owner::Step,
    /// Nothing has happened yet, or the step is to be attempted again.
    Pending => InitializeRequested "step.initialize_requested",
    /// An attempt runs.
    InProgress => ExecutionRequested "step.execution_requested",
    /// Ended well.
    Complete => Completed "step.completed",
    /// An attempt has failed.
    Error => Failed "step.failed",
    /// Given up on purpose. Steps that depend on it never run.
    Cancelled => Cancelled "step.cancelled",
    /// Settled by a person. Steps that depend on it may run.
    ResolvedManually => ResolvedManually "step.resolved_manually",
);
