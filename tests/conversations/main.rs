//! Operations as a host without async meets them: questions, answers, turns. No database.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod decoding;
mod definitions;
mod neighbours;
mod ready;
mod replay;
mod slowest;
mod small_task;
mod small_tasks;
mod steps;
mod support;
mod survey;
mod turns;
