//! Workers, with a database.

#![cfg(feature = "worker")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod drain;
mod ends;
mod failures;
mod idle;
mod limits;
mod others;
mod recovery;
mod start;
mod support;
mod tasks;
mod telemetry;
