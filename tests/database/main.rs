//! The operations on PostgreSQL, next to the engine's own SQL.
//!
//! Every test has a database of its own, made by our migrations on the server that `DATABASE_URL` names. What the
//! engine answers comes from its own functions, read at test time from the database that
//! `TASKER_CORE_ENGINE_DATABASE_URL` names.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod batch_transitions;
mod claims;
mod execution;
mod guards;
mod overview;
mod parity;
mod plans;
mod races;
mod ready;
mod recovery;
mod schema;
mod sequence;
mod sessions;
mod support;
mod task_kinds;
mod task_snapshot;
mod transitions;
