//! What a factory refuses.

use crate::error::Error;

/// Why a factory has created nothing. (In a transaction; without one, what was written before the error of the database stays.)
///
/// ```
/// use tasker_core::factories::{FactoryError, StepSpec, WorkflowGraph};
///
/// let steps = vec![StepSpec::new("a"), StepSpec::new("b")];
/// let error = WorkflowGraph::new("circle", steps, vec![(0, 1), (1, 0)]).unwrap_err();
/// assert!(matches!(error, FactoryError::Cycle { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactoryError {
    /// Steps would wait for each other.
    #[error("the edges of workflow {workflow:?} form a cycle through {}: expected a directed acyclic graph", .steps.join(" -> "))]
    Cycle {
        /// The workflow's name.
        workflow: String,
        /// The names of the steps in the cycle.
        steps: Vec<String>,
    },

    /// Two steps of a workflow have one name.
    #[error("workflow {workflow:?} has two steps {name:?}: expected names that differ")]
    DuplicateStep {
        /// The workflow's name.
        workflow: String,
        /// The name of both.
        name: String,
    },

    /// A step is referred to that the workflow does not have.
    #[error("workflow {workflow:?} has no step {name:?}: expected one of {}", .known.join(", "))]
    UnknownStep {
        /// The workflow's name.
        workflow: String,
        /// The name that was given.
        name: String,
        /// The names that the workflow has.
        known: Vec<String>,
    },

    /// A share that nothing can be counted by.
    #[error(
        "the share of choice {index} is {weight}: expected a finite number of at least 0, and one above 0 among all choices"
    )]
    InvalidShare {
        /// The choice, counted from 0.
        index: usize,
        /// Its share.
        weight: f64,
    },

    /// A number that leads to no workflow.
    #[error("{what} is {got}: expected {expected}")]
    OutOfRange {
        /// The number's name.
        what: &'static str,
        /// The range.
        expected: &'static str,
        /// The number.
        got: String,
    },

    /// A table has no sequence to take ids from.
    #[error(
        "column {0} takes its default from no sequence of its own: expected one, as the engine's migrations make it"
    )]
    NoSequence(&'static str),

    /// The database refused a statement, or a model was invalid.
    #[error(transparent)]
    Core(#[from] Error),
}

impl From<sqlx::Error> for FactoryError {
    fn from(error: sqlx::Error) -> Self {
        FactoryError::Core(error.into())
    }
}
