//! The models on PostgreSQL.
//!
//! Every test has a database of its own, made by our migrations on the server that `DATABASE_URL` names.

#![cfg(feature = "models")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cloned_ref_to_slice_refs, missing_docs)]

mod annotations;
mod columns;
mod dag;
mod definitions;
mod edges;
#[path = "../database/support/engine.rs"]
#[allow(dead_code)]
mod engine;
mod named_tasks;
mod namespaces;
mod statements;
mod steps;
mod support;
mod tables;
mod task_files;
mod tasks;
mod templates;
mod transitions;
