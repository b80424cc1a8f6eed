//! The typed calls of the engine's SQL functions beside their native twins.
//!
//! Databases and random tasks are those of `tests/database`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod advice;
mod missing;
mod slowest;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../database/support/mod.rs"]
mod support;
mod twins;
