//! The models on PostgreSQL.
//!
//! Every test has a database of its own, made by our migrations on the server that `DATABASE_URL` names.

#![cfg(feature = "models")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod named_tasks;
mod namespaces;
mod statements;
mod support;
