//! Pictures: what stands where, what is safe, and that equal input gives equal bytes.

#![cfg(feature = "draw")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod diagrams;
mod documents;
mod escaping;
mod support;
mod timelines;
