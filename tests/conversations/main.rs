//! Operations as a host without async meets them: questions, answers, turns. No database.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod compact_task;
mod compact_tasks;
mod decoding;
mod definitions;
mod neighbours;
mod ready;
mod replay;
mod slowest;
mod steps;
mod support;
mod task_kinds;
mod task_snapshot;
mod turns;
