//! Everything that can go wrong in the core.

use crate::ids::StepId;
use std::any::Any;
use std::fmt;

/// What went wrong. Refused transitions are answers, not errors; see [`crate::operations::transition`].
///
/// ```
/// use tasker_core::Error;
/// use tasker_core::records::Edge;
/// use tasker_core::graph::Dag;
/// use tasker_core::ids::StepId;
///
/// let edge = |from, to| Edge { from: StepId(from), to: StepId(to) };
/// let error = Dag::new((1..=3).map(StepId), [edge(1, 2), edge(2, 3), edge(3, 2)]).levels().unwrap_err();
/// assert!(matches!(error, Error::Cycle(_)));
/// assert_eq!(error.to_string(), "the dependencies of steps 2, 3 form a cycle");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A host answered a question with rows of another shape.
    #[error("unexpected answer to {query}: column {column} of row {row} should be {expected}, got {got}")]
    Decode {
        /// Name of the question.
        query: &'static str,
        /// Row, counted from 0.
        row: usize,
        /// Column, counted from 0.
        column: usize,
        /// The kind of value that was expected.
        expected: &'static str,
        /// What was there instead.
        got: String,
    },

    /// The steps of a task wait for each other in a circle, so they have no level.
    #[error("the dependencies of steps {} form a cycle", list(.0))]
    Cycle(Vec<StepId>),

    /// A host resumed a conversation out of turn.
    #[error("conversation resumed out of turn: {expected}, got {got}")]
    OutOfTurn {
        /// What the conversation was waiting for.
        expected: &'static str,
        /// What the host did.
        got: &'static str,
    },

    /// A transition kept losing its race against others of the same owner.
    #[error("gave up the transition of {owner} to '{to}' after losing {attempts} races in a row")]
    Contended {
        /// The task or step.
        owner: String,
        /// The state that was asked for.
        to: String,
        /// Races lost.
        attempts: u32,
    },

    /// An operation panicked, which is a defect of this crate. Only [`hosted`](crate::hosted) operations are caught.
    #[cfg(feature = "hosted")]
    #[error("tasker-core panicked, please report it: {0}")]
    Panic(String),

    /// A record that may not be written as it is.
    #[cfg(feature = "models")]
    #[error(transparent)]
    Invalid(#[from] crate::models::Invalid),

    /// A template or a request that no task can be made from.
    #[cfg(feature = "models")]
    #[error(transparent)]
    Template(#[from] crate::templates::TemplateError),

    /// No row where one was asked for by its key.
    #[cfg(feature = "models")]
    #[error("no {model} with {key} = {value}")]
    NotFound {
        /// The model, such as `Task`.
        model: &'static str,
        /// The column that holds the key.
        key: &'static str,
        /// The key that was asked for.
        value: i64,
    },

    /// A statement holds a value of a type that the models do not bind.
    #[cfg(feature = "models")]
    #[error("parameter {position} of a statement should be {expected}, got {got}")]
    Bind {
        /// Position in the statement, counted from 1.
        position: usize,
        /// The kinds of value that can be bound.
        expected: &'static str,
        /// What was there instead.
        got: String,
    },

    /// The database has no such function: the engine's migrations make them, this crate's make tables only.
    #[error(
        "the database has no function {0}: expected the engine's, found none in the search_path; functions::Native answers without it"
    )]
    MissingFunction(&'static str),

    /// The tables exist and were not made by [`store::migrate`](crate::store::migrate).
    #[cfg(feature = "store")]
    #[error(
        "the tables of this database were not made by store::migrate: its Rails application migrates them; schema::check names what differs"
    )]
    MigratedByRails,

    /// A query that cannot be run as it was put together.
    #[cfg(feature = "models")]
    #[error("a query of {model} should have {expected}, got {got}")]
    Query {
        /// The model, such as `Task`.
        model: &'static str,
        /// Expected in its place.
        expected: &'static str,
        /// The part that cannot be used.
        got: String,
    },

    /// The database refused a statement, or the connection to it failed.
    #[cfg(feature = "store")]
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    let words: Vec<String> = items.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// The text of a panic that was caught, `None` where it was raised with something else than a text.
///
/// ```
/// use tasker_core::error::panic_message;
///
/// let panic = std::panic::catch_unwind(|| panic!("step {} is lost", 7)).unwrap_err();
/// assert_eq!(panic_message(panic.as_ref()), Some("step 7 is lost"));
/// ```
pub fn panic_message(panic: &(dyn Any + Send)) -> Option<&str> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
}
