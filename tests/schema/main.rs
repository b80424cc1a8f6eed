//! `schema::check` and `store::migrate` on databases of the engine's, of this crate's, and on changed ones.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod check;
mod expected;
mod migrate;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../database/support/mod.rs"]
mod support;
