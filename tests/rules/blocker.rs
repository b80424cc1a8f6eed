//! Why a step may not be run.

use crate::support::{NOW, SECOND, cases, fresh_step, step};
use proptest::prelude::*;
use tasker_core::blocker::Blocker;
use tasker_core::readiness::is_ready;
use tasker_core::records::{ParentCount, StepRecord};
use tasker_core::state::State;
use tasker_core::time::{Micros, Timestamp};

fn blocker(step: &StepRecord) -> Option<Blocker> {
    Blocker::of(step, NOW, [])
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_waiting_step_has_a_blocker_exactly_if_it_is_not_ready(step in step()) {
        let waits = matches!(step.state, None | Some(State::Pending | State::Error));
        prop_assert_eq!(blocker(&step).is_some(), waits && !is_ready(&step, NOW));
    }

    #[test]
    fn a_step_that_waits_for_time_alone_is_ready_when_that_is_over(step in step()) {
        if let Some(Blocker::Backoff { until }) = blocker(&step) {
            prop_assert!(until > NOW);
            prop_assert!(is_ready(&step, until));
            prop_assert!(!is_ready(&step, Timestamp(until.0 - 1)));
        }
    }

    #[test]
    fn satisfied_parents_leave_a_step_with_temporary_blockers_ready_in_the_end(step in step()) {
        let temporary = blocker(&step).is_some_and(|blocker| !blocker.is_permanent());
        let later = StepRecord { parents: ParentCount { total: 1, completed: 1 }, ..step };
        prop_assert!(!temporary || is_ready(&later, Timestamp(i64::MAX)));
    }
}

#[test]
fn each_condition_is_named() {
    let parents = ParentCount { total: 3, completed: 1 };
    let named = [
        (StepRecord { attempts: Some(3), ..fresh_step() }, Blocker::Exhausted { attempts: 3, limit: 3 }),
        (StepRecord { retry_limit: Some(0), ..fresh_step() }, Blocker::Exhausted { attempts: 0, limit: 0 }),
        (StepRecord { retryable: false, ..fresh_step() }, Blocker::NotRetryable),
        (StepRecord { processed: true, ..fresh_step() }, Blocker::Processed),
        (StepRecord { in_process: true, ..fresh_step() }, Blocker::InProcess),
        (StepRecord { parents, ..fresh_step() }, Blocker::Parents { open: 2, total: 3 }),
        (
            StepRecord {
                state: Some(State::Error),
                failed_at: Some(NOW + Micros(-SECOND)),
                attempts: Some(2),
                ..fresh_step()
            },
            Blocker::Backoff { until: NOW + Micros(3 * SECOND) },
        ),
    ];
    for (step, expected) in named {
        assert_eq!(blocker(&step), Some(expected), "{step:?}");
    }
    assert_eq!(blocker(&fresh_step()), None);
}

#[test]
fn a_cancelled_parent_is_named_only_while_the_step_waits_for_it() {
    let states = [Some(&State::Complete), None, Some(&State::Cancelled)];
    let waiting = StepRecord { parents: ParentCount { total: 3, completed: 1 }, ..fresh_step() };
    assert_eq!(Blocker::of(&waiting, NOW, states), Some(Blocker::CancelledParent));
    assert_eq!(Blocker::of(&fresh_step(), NOW, states), None);
}
