//! Workflows for tests and benches, written in bulk (feature `factories`).
//!
//! [`workflow`] creates one task with its steps and edges, [`workflows`] many; [`Pattern`] is the shape, [`StepCondition`] what has become of a
//! step. [`Factory`] creates single records of every model. `tests/factories/README.md` has worked examples. Everything is decided by the seed, so a test that failed can be run again.
//!
//! ```
//! # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
//! # doctest::in_transaction(async |tx| {
//! use tasker_core::factories::{Pattern, workflow};
//!
//! let made = workflow(Pattern::Etl { sources: 2 }).progressed(3).create(&mut *tx).await.unwrap();
//! assert_eq!((made.steps.len(), made.edges().count()), (6, 5));
//! assert!(made.step("load").is_some());
//! # Ok(()) });
//! ```

mod batch;
mod condition;
mod definitions;
mod distribution;
mod error;
mod graph;
mod insert;
mod pattern;
mod record;
mod rows;
mod sequence;
pub mod strategies;
mod workflow;

pub use batch::{WorkflowBatch, workflows};
pub use condition::StepCondition;
pub use distribution::apportion;
pub use error::FactoryError;
pub use graph::{StepSpec, WorkflowGraph};
pub use pattern::Pattern;
pub use record::Factory;
pub use sequence::Sequence;
pub use workflow::{Workflow, WorkflowFactory, workflow};
