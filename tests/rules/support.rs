//! Random facts.

use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use tasker_core::ids::{NamedStepId, StepId, TaskId};
use tasker_core::records::{ParentCount, StepRecord};
use tasker_core::state::State;
use tasker_core::time::{Micros, Timestamp};

/// The instant around which random facts lie.
pub const NOW: Timestamp = Timestamp(1_800_000_000_123_456);

pub const SECOND: i64 = 1_000_000;

/// Found failures are kept beside the file of the test, where git ignores them, and are tried first the next time.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

/// States of the machine, and words that only hands write.
pub fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        6 => proptest::sample::select(&State::ALL[..]),
        1 => Just(State::from("")),
        1 => "[a-z_]{1,12}".prop_map(State::from),
    ]
}

/// Instants before, after and exactly on the ends of the waits, a microsecond more or less included.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    let wait = proptest::sample::select(&[0, 1, 2, 4, 8, 16, 30, 31, 60, 86_400][..]);
    let near = (wait, -1i64..=1).prop_map(|(seconds, micros)| -seconds * SECOND + micros);
    prop_oneof![near, -100 * SECOND..100 * SECOND].prop_map(|offset| NOW + Micros(offset))
}

/// Incoming edges, some of them from satisfied steps.
pub fn parents() -> impl Strategy<Value = ParentCount> {
    (0u32..5, prop_oneof![2 => Just(0u32), 1 => 1u32..4])
        .prop_map(|(completed, open)| ParentCount { total: completed + open, completed })
}

prop_compose! {
    /// A step as the database can hold it: a time of failure is there if and only if the state is `error`.
    pub fn step()(
        id in 1i64..1_000,
        task in 1i64..10,
        state in option::weighted(0.9, state()),
        failure in instant(),
        processed in prop::bool::weighted(0.2),
        in_process in prop::bool::weighted(0.1),
        retryable in prop::bool::weighted(0.9),
        attempts in option::weighted(0.9, -2i32..8),
        retry_limit in option::weighted(0.9, 0i32..12),
        backoff_request_seconds in option::weighted(0.5, prop_oneof![0i32..=60, -5i32..0]),
        last_attempted_at in option::weighted(0.7, instant()),
        parents in parents(),
    ) -> StepRecord {
        StepRecord {
            id: StepId(id),
            task_id: TaskId(task),
            named_step_id: NamedStepId(id % 7 + 1),
            name: format!("step {id}").into(),
            failed_at: (state == Some(State::Error)).then_some(failure),
            state,
            processed,
            in_process,
            retryable,
            attempts,
            retry_limit,
            backoff_request_seconds,
            last_attempted_at,
            parents,
        }
    }
}

/// A step with nothing against it: never attempted, no parents.
pub fn fresh_step() -> StepRecord {
    StepRecord::new(StepId(1), TaskId(1), NamedStepId(1), "first")
}
