//! Which workers are dead, against a rule that keeps every observation.

use proptest::prelude::*;
use std::collections::BTreeSet;
use tasker_core::ids::WorkerKey;
use tasker_core::recovery::Suspects;
use tasker_core::time::{Micros, Timestamp};

const GRACE: Micros = Micros(30);

#[test]
fn one_observation_never_proves_a_death() {
    let mut suspects = Suspects::default();
    assert_eq!(suspects.observe([WorkerKey(1)], Timestamp(1_000), GRACE), []);
    assert_eq!(suspects.observe([WorkerKey(1)], Timestamp(1_029), GRACE), []);
    assert_eq!(suspects.observe([WorkerKey(1)], Timestamp(1_030), GRACE), [WorkerKey(1)]);
}

#[test]
fn a_worker_that_holds_its_lock_again_is_no_longer_a_suspect() {
    let mut suspects = Suspects::default();
    suspects.observe([WorkerKey(1)], Timestamp(0), GRACE);
    suspects.observe([], Timestamp(20), GRACE);
    assert_eq!(suspects.observe([WorkerKey(1)], Timestamp(40), GRACE), []);
    assert_eq!(suspects.since().collect::<Vec<_>>(), [(WorkerKey(1), Timestamp(40))]);
}

proptest! {
    /// A worker is dead if it was missing in every observation since one that is a grace period old.
    #[test]
    fn suspects_remember_what_matters_of_all_observations(
        observations in prop::collection::vec((prop::collection::btree_set(0_i64..5, 0..5), 0_i64..25), 1..20),
    ) {
        let mut suspects = Suspects::default();
        let mut history: Vec<(BTreeSet<i64>, i64)> = Vec::new();
        let mut now = 0;
        for (unlocked, passed) in observations {
            now += passed;
            let dead = suspects.observe(unlocked.iter().copied().map(WorkerKey), Timestamp(now), GRACE);
            history.push((unlocked, now));
            let expected = (0..5).filter(|key| {
                let missing = history.iter().rev().take_while(|(unlocked, _)| unlocked.contains(key));
                missing.last().is_some_and(|(_, first)| now - first >= GRACE.0)
            });
            prop_assert_eq!(dead, expected.map(WorkerKey).collect::<Vec<_>>());
            suspects = Suspects::new(suspects.since().collect::<Vec<_>>());
        }
    }
}
