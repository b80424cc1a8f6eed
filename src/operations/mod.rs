//! What the core can do: one file a capability.
//!
//! An operation asks its [`Session`](crate::Session) for facts and hands them to the pure rooms. All of them run inside
//! whatever transaction the session has open, and none opens one.

pub mod analytics;
pub mod context;
pub mod edges;
pub mod execution;
pub mod kinship;
pub mod levels;
pub mod moves;
pub mod readiness;
pub mod ready;
pub mod sequence;
pub mod slowest;
mod snapshot;
pub mod statistics;
pub mod survey;
pub mod task_graph;
pub mod transition;
