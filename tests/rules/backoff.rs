//! Waits.

use crate::support::{NOW, SECOND, cases, fresh_step, step};
use proptest::prelude::*;
use tasker_core::backoff::{
    LONGEST_FAILURE_WAIT, failure_until, failure_wait, is_over, next_retry_at, requested_until,
};
use tasker_core::records::StepRecord;
use tasker_core::state::State;
use tasker_core::time::{Micros, Timestamp};

#[test]
fn the_wait_doubles_up_to_half_a_minute() {
    let seconds = |attempts| failure_wait(Some(attempts)).0 as f64 / SECOND as f64;
    let waits: Vec<f64> = (-2..=7).map(seconds).collect();
    assert_eq!(waits, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
}

#[test]
fn an_unknown_number_of_attempts_is_one() {
    assert_eq!(failure_wait(None), failure_wait(Some(1)));
}

#[test]
fn the_ends_of_the_range_of_attempts_are_no_exception() {
    assert_eq!(failure_wait(Some(i32::MAX)), LONGEST_FAILURE_WAIT);
    assert_eq!(failure_wait(Some(i32::MIN)), Micros(0));
}

#[test]
fn instants_at_the_end_of_time_stay_there() {
    let late = StepRecord {
        failed_at: Some(Timestamp(i64::MAX - 1)),
        state: Some(State::Error),
        last_attempted_at: Some(Timestamp(i64::MAX - 1)),
        backoff_request_seconds: Some(i32::MAX),
        ..fresh_step()
    };
    assert_eq!(failure_until(&late), Some(Timestamp(i64::MAX)));
    assert_eq!(requested_until(&late), Some(Timestamp(i64::MAX)));
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn another_attempt_never_shortens_the_wait(attempts in any::<i32>()) {
        let next = failure_wait(Some(attempts.saturating_add(1)));
        prop_assert!(failure_wait(Some(attempts)) <= next);
        prop_assert!(Micros(0) <= next && next <= LONGEST_FAILURE_WAIT);
    }

    #[test]
    fn a_requested_wait_needs_a_request_and_an_attempt(step in step()) {
        let end = match (step.backoff_request_seconds, step.last_attempted_at) {
            (Some(seconds), Some(Timestamp(attempt))) => Some(Timestamp(attempt + i64::from(seconds) * SECOND)),
            _ => None,
        };
        prop_assert_eq!(requested_until(&step), end);
    }

    #[test]
    fn a_failure_is_waited_for_from_its_own_instant(step in step()) {
        let end = step.failed_at.map(|failure| failure + failure_wait(step.attempts));
        prop_assert_eq!(failure_until(&step), end);
    }

    #[test]
    fn the_requested_end_is_reported_even_where_the_other_is_later(step in step()) {
        let reported = if requested_until(&step).is_some() { requested_until(&step) } else { failure_until(&step) };
        prop_assert_eq!(next_retry_at(&step), reported);
    }

    /// Over from the very microsecond of the later end, and not before.
    #[test]
    fn both_waits_must_be_over(step in step()) {
        match requested_until(&step).max(failure_until(&step)) {
            None => prop_assert!(is_over(&step, Timestamp(i64::MIN))),
            Some(end) => {
                prop_assert!(is_over(&step, end));
                prop_assert!(!is_over(&step, end + Micros(-1)));
            }
        }
    }

    #[test]
    fn what_is_over_stays_over(step in step(), later in 0i64..200 * SECOND) {
        prop_assert!(!is_over(&step, NOW) || is_over(&step, NOW + Micros(later)));
    }
}
