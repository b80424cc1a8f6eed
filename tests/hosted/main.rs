//! The operations by name, as hosts in other languages run them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
#![cfg(feature = "hosted")]

mod arguments;
mod cases;
mod conversations;
mod host;
mod json;
mod panics;
#[cfg(feature = "schema")]
mod schemas;
mod statements;
mod zones;
