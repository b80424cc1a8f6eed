//! Factories: graphs and distributions by themselves, workflows in a database.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod batches;
mod conditions;
mod definitions;
mod distribution;
mod graphs;
mod records;
mod rows;
mod strategies;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

/// Found failures are kept beside the file of the test, where git ignores them, and are tried first the next time.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}
