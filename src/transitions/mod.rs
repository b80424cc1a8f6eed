//! The two state machines for programs in Rust: typed states, transitions, guards, batches, events.
//!
//! [`Transitions`] is implemented for tasks and steps, as models and as their ids. A transition is one statement on the caller's session, so it is atomic by
//! itself and part of the caller's transaction where one is open. It writes the row that the engine writes.
//!
//! ```
//! # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
//! # doctest::in_transaction(async |tx| {
//! use tasker_core::ids::TaskId;
//! use tasker_core::transitions::{TaskState, TransitionError, Transitions};
//!
//! let unknown = TaskId(-1).transition_to(TaskState::InProgress, &mut *tx).await.unwrap_err();
//! assert!(matches!(unknown, TransitionError::NotFound { .. }));
//! assert_eq!(unknown.to_string(), "there is no task -1");
//! # Ok(()) });
//! ```

mod change;
mod error;
#[cfg(feature = "models")]
mod history;
mod perform;
mod states;

#[cfg(feature = "store")]
pub(crate) use change::now;
pub use change::{Change, Metadata};
pub use error::TransitionError;
pub use perform::{BatchOutcome, Transitioned, Transitions};
pub use states::{MachineState, StepEvent, StepState, TaskEvent, TaskState, UnknownState};
