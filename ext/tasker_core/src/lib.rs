//! The Ruby extension of tasker-core. It converts and forwards; it decides nothing and keeps no Ruby value between calls.
//!
//! Everything here stands below `TaskerCore::Native`, which is for the gem's own Ruby code only.

#![allow(missing_docs, reason = "a library for Ruby to load has no Rust interface")]

mod analysis;
mod analytics;
mod answer;
mod boundary;
mod conversation;
mod counts;
mod definitions;
mod drawing;
mod execution;
mod graph;
mod machine;
#[cfg(feature = "pool")]
mod pool;
mod questions;
mod recovery;
mod rows;
mod run;
mod survey;
mod template;
mod transitions;

use boundary::{guarded, panic_in};
use magnus::{Error, Module, Object, Ruby, function};

#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    let native = ruby.define_module("TaskerCore")?.define_module("Native")?;
    native.const_set("VERSION", env!("CARGO_PKG_VERSION"))?;
    native.define_singleton_method("panic", function!(panic, 0))?;
    native.define_singleton_method("panic_in", function!(panic_in_call, 1))?;
    conversation::init(ruby, native)?;
    counts::init(native)?;
    run::init(ruby, native)?;
    #[cfg(feature = "pool")]
    pool::init(ruby, native)?;
    machine::init(native)
}

/// Panics on purpose, so that the boundary can be tried on the very library that is installed.
fn panic(ruby: &Ruby) -> Result<(), Error> {
    #[allow(clippy::panic, reason = "it is what this function is for")]
    guarded(ruby, || panic!("asked for"))
}

/// Has the `calls`th call from now panic, so that every function can be tried; zero calls it off. Gives the calls that were left until
/// then of an earlier one.
fn panic_in_call(calls: u32) -> u32 {
    panic_in(calls)
}
