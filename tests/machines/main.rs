//! The state machines for programs in Rust.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod batches;
mod errors;
mod models;
mod races;
mod states;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../database/support/mod.rs"]
mod support;
mod walks;
