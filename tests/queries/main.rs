//! Scopes and queries on PostgreSQL.
//!
//! Every test has a database of its own. `spec/queries/scopes_spec.rb` compares the same scopes with those of the engine's models.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod chain;
mod chains;
#[path = "../database/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod database;
mod instants;
mod joins;
mod latest_versions;
mod meaning;
mod pages;
mod plans;
mod ready;
mod related;
mod statements;
mod streams;
mod support;
mod transitions;
