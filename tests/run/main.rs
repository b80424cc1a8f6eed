//! Runs of workflows: the decisions alone, and with a database.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod concurrency;
mod counts;
mod decisions;
mod host;
mod interleavings;
mod model;
mod properties;
mod reference;
mod sharing;
mod statements;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../database/support/mod.rs"]
mod support;
