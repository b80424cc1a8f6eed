//! The pure rules alone: no database, no Ruby, no clock. Tasks are layers of ten steps, each of which waits for three of the layer before.
//!
//!     cargo bench                    # all of them; `cargo bench -- readiness/10000` some
//!     cargo bench -- --test          # each once, to prove that they work

// The macros of criterion make public functions without documentation.
#![allow(missing_docs)]

mod analysis;
mod backoff;
mod graph;
mod layers;
mod machine;
mod metrics;
mod readiness;
mod relationships;

use criterion::{criterion_group, criterion_main};

/// Steps of a task.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

criterion_group!(
    rules,
    readiness::bench,
    backoff::bench,
    graph::bench,
    relationships::bench,
    machine::bench,
    analysis::bench,
    metrics::bench
);
criterion_main!(rules);
