//! Why a transition did not happen.

use crate::error::Error;
use crate::machine::Guard;
use crate::operations::transition::{Refusal, Subject};
use crate::state::State;

/// Why a transition did not happen. Nothing was written.
///
/// After [`TransitionError::Conflict`] and [`TransitionError::Database`] with an error of the server, PostgreSQL has aborted the caller's
/// transaction; after the others it goes on.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::transitions::{StepState, TransitionError, Transitions};
///
/// // The last step of the diamond waits for others.
/// let refused = made.steps[3].transition_to(StepState::InProgress, &mut *tx).await.unwrap_err();
/// assert!(matches!(refused, TransitionError::GuardFailed { .. }));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransitionError {
    /// The machine does not lead there.
    #[error("{subject} cannot transition from '{from}' to '{to}'")]
    Invalid {
        /// The task or step.
        subject: Subject,
        /// The state that it is in; a word outside of the machine leads nowhere.
        from: State,
        /// The state that was asked for.
        to: State,
    },

    /// The machine leads there, but not yet: a parent of a step, or a step of a task, is not done.
    #[error("{subject} cannot transition from '{from}' to '{to}' yet: {}", reason(.guard))]
    GuardFailed {
        /// The task or step.
        subject: Subject,
        /// The state that it is in.
        from: State,
        /// The state that was asked for.
        to: State,
        /// The condition that does not hold.
        guard: Guard,
    },

    /// A claim on whose behalf it should move is over: another worker has claimed the task or step since.
    #[error("{subject} cannot transition from '{from}' to '{to}': the claim of its worker has been lost")]
    ClaimLost {
        /// The task or step.
        subject: Subject,
        /// The state that it is in.
        from: State,
        /// The state that was asked for.
        to: State,
    },

    /// There is no such task or step.
    #[error("there is no {subject}")]
    NotFound {
        /// The task or step.
        subject: Subject,
    },

    /// Another session moved it at the same time. Trying again is safe.
    #[error("another session moved {subject} at the same time: {cause}")]
    Conflict {
        /// The task or step.
        subject: Subject,
        /// What was seen of the other session.
        cause: Error,
    },

    /// The database refused a statement, or answered with other columns than expected.
    #[error(transparent)]
    Database(Error),
}

fn reason(guard: &Guard) -> &'static str {
    match guard {
        Guard::ParentsDone => "a step that it depends on is not done",
        Guard::StepsDone => "one of its steps is not done",
    }
}

impl TransitionError {
    pub(super) fn refused(subject: Subject, to: State, refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchTransition { from } => TransitionError::Invalid { subject, from, to },
            Refusal::GuardFailed { from, guard } => TransitionError::GuardFailed { subject, from, to, guard },
            Refusal::ClaimLost { from } | Refusal::TaskClaimLost { from } => {
                TransitionError::ClaimLost { subject, from, to }
            }
            Refusal::UnknownSubject => TransitionError::NotFound { subject },
        }
    }

    pub(super) fn failed(subject: Subject, error: Error) -> Self {
        if is_conflict(&error) {
            TransitionError::Conflict { subject, cause: error }
        } else {
            TransitionError::Database(error)
        }
    }
}

fn is_conflict(error: &Error) -> bool {
    match error {
        Error::Contended { .. } => true,
        #[cfg(feature = "store")]
        Error::Database(sqlx::Error::Database(error)) => {
            // A place in the history that is taken, a snapshot that is too old, a deadlock.
            error.code().is_some_and(|code| ["23505", "40001", "40P01"].contains(&&*code))
        }
        _ => false,
    }
}

impl From<Error> for TransitionError {
    fn from(error: Error) -> Self {
        TransitionError::Database(error)
    }
}
