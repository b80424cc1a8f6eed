//! What keeps a worker from working.

use crate::error::Error;

/// The reason why a worker does not start.
///
/// ```
/// use tasker_core::worker::{Registry, WorkerError};
///
/// let error: WorkerError = Registry::new([]).unwrap_err();
/// assert_eq!(error.to_string(), "a worker: expected handlers for one kind of task at least, got none");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// Handlers that contradict each other or their template.
    #[error("{0}")]
    Registry(String),

    /// Settings that contradict each other.
    #[error("options of a worker: expected {expected}, got {got}")]
    Options {
        /// What is wanted.
        expected: &'static str,
        /// What was there.
        got: String,
    },

    /// The tables differ from those of this version, in a way that makes statements fail.
    #[error(
        "the schema of this database cannot be used: {first}{}; `tasker-core schema check` lists every difference, and the Rails \
         application migrates the tables",
        more(*.others)
    )]
    Schema {
        /// The first difference.
        first: String,
        /// The number of further ones.
        others: usize,
    },

    /// The server refuses to write: a replica, or `default_transaction_read_only`.
    #[error("the database of a worker: expected one that can be written to, got {0}")]
    ReadOnly(&'static str),

    /// Statements that the worker has prepared, and its lock, belong to sessions that it does not keep.
    #[error(
        "a worker: expected sessions of the server's own, got those of a pooler that hands them to others after each transaction: \
         connect it past the pooler"
    )]
    Pooler,

    /// The database refused a statement, or the connection to it failed.
    #[error(transparent)]
    Database(#[from] Error),
}

impl From<sqlx::Error> for WorkerError {
    fn from(error: sqlx::Error) -> Self {
        WorkerError::Database(error.into())
    }
}

fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        others => format!(" (and {others} more)"),
    }
}
