//! The Ruby extension of tasker-core. It converts and forwards; it decides nothing and keeps no Ruby value between calls.
//!
//! Everything here stands below `TaskerCore::Native`, which is for the gem's own Ruby code only.
//!
//! ```text
//! lib ─▶ operations ─▶ own ─▶ analysis, drawing ─▶ conversation ─▶ rows, values, counts ─▶ boundary
//!     ├▶ run, pool ────────────────────────────▶ conversation
//!     └▶ recovery, machine             operations, own ─▶ arguments ─▶ boundary
//! ```
//!
//! An arrow leads to what a file uses; none leads back. An operation of the core's registry (`tasker_core::hosted`) needs no line here:
//! `operations` makes a function of each, `arguments` reads its arguments and `values` makes its answer. `own` lists those that only the gem
//! has.

#![allow(missing_docs, reason = "a library for Ruby to load has no Rust interface")]

mod analysis;
mod arguments;
mod boundary;
mod conversation;
mod counts;
mod drawing;
mod machine;
mod operations;
mod own;
#[cfg(feature = "pool")]
mod pool;
mod recovery;
mod rows;
mod run;
mod values;

use boundary::{guarded, panic_in};
use magnus::{Error, Module, Object, Ruby, function};

#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    let native = ruby.define_module("TaskerCore")?.define_module("Native")?;
    native.const_set("VERSION", env!("CARGO_PKG_VERSION"))?;
    native.define_singleton_method("panic", function!(panic, 0))?;
    native.define_singleton_method("panic_in", function!(panic_in_call, 1))?;
    let conversation = conversation::init(ruby, native)?;
    operations::init(conversation)?;
    analysis::init(ruby, native)?;
    drawing::init(ruby, native)?;
    run::init(ruby, native)?;
    recovery::init(native)?;
    counts::init(native)?;
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
