//! The pure rooms, each against rules written a second time and otherwise.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod array_literals;
mod backoff;
mod blocker;
mod former_names;
mod frontier;
mod graph;
mod machine;
mod metrics;
mod progress;
mod readiness;
mod recovery;
mod relationships;
mod sequence;
mod state;
mod support;
mod task_graph;
mod template_graph;
mod time;
