//! Which steps may run.

use crate::support::{NOW, SECOND, cases, fresh_step, step};
use proptest::prelude::*;
use tasker_core::backoff;
use tasker_core::readiness::{Readiness, is_ready, next_wait, readiness};
use tasker_core::records::{ParentCount, StepRecord, StepSnapshot};
use tasker_core::state::State;
use tasker_core::time::{Micros, Timestamp};

/// Everything that stands against running a step, by the words of the engine's documentation.
fn obstacles(step: &StepRecord, now: Timestamp) -> Vec<&'static str> {
    let word = step.state.as_ref().map_or("pending", |state| state.as_str());
    let micros_left = |until: i128| until > i128::from(now.0);
    let failure_wait = match step.attempts.unwrap_or(1) {
        attempts @ 0..=30 => i128::from(30_000_000.min(1_000_000i64 << attempts)),
        31.. => 30_000_000,
        -1 => 500_000,
        -2 => 250_000,
        other => panic!("the strategy draws no {other} attempts"),
    };
    let requested = step.backoff_request_seconds.zip(step.last_attempted_at);
    let found = [
        (!["pending", "error"].contains(&word), "state"),
        (step.processed, "processed"),
        (step.in_process, "in process"),
        (!step.retryable, "not retryable"),
        (step.parents.completed < step.parents.total, "parents"),
        (step.attempts.unwrap_or(0) >= step.retry_limit.unwrap_or(3), "attempts"),
        (
            requested.is_some_and(|(s, at)| micros_left(i128::from(at.0) + i128::from(s) * 1_000_000)),
            "requested",
        ),
        (step.failed_at.is_some_and(|at| micros_left(i128::from(at.0) + failure_wait)), "failure"),
    ];
    found.into_iter().filter(|(stands, _)| *stands).map(|(_, name)| name).collect()
}

/// A failed step with attempts left, whose waits both ended this very microsecond.
fn ready_step() -> StepRecord {
    StepRecord {
        state: Some(State::Error),
        failed_at: Some(NOW + Micros(-4 * SECOND)),
        attempts: Some(2),
        retry_limit: Some(3),
        backoff_request_seconds: Some(7),
        last_attempted_at: Some(NOW + Micros(-7 * SECOND)),
        parents: ParentCount { total: 3, completed: 3 },
        ..fresh_step()
    }
}

#[test]
fn a_step_without_anything_against_it_is_ready() {
    assert!(is_ready(&fresh_step(), NOW));
    assert!(is_ready(&ready_step(), NOW));
}

#[test]
fn each_obstacle_suffices_alone() {
    type Change = fn(&mut StepRecord);
    let changes: [(&str, Change); 12] = [
        ("in progress", |s| s.state = Some(State::InProgress)),
        ("complete", |s| s.state = Some(State::Complete)),
        ("cancelled", |s| s.state = Some(State::Cancelled)),
        ("resolved manually", |s| s.state = Some(State::ResolvedManually)),
        ("an empty word", |s| s.state = Some(State::from(""))),
        ("processed", |s| s.processed = true),
        ("in process", |s| s.in_process = true),
        ("not retryable", |s| s.retryable = false),
        ("a parent", |s| s.parents.completed -= 1),
        ("attempts", |s| s.retry_limit = Some(2)),
        ("the requested wait", |s| s.last_attempted_at = s.last_attempted_at.map(|at| at + Micros(1))),
        ("the wait after a failure", |s| s.failed_at = s.failed_at.map(|at| at + Micros(1))),
    ];
    for (name, change) in changes {
        let mut step = ready_step();
        change(&mut step);
        assert!(!is_ready(&step, NOW), "ready in spite of: {name}");
    }
}

#[test]
fn a_retry_limit_that_is_not_given_is_three() {
    let attempted = |attempts| StepRecord { attempts: Some(attempts), ..fresh_step() };
    assert!(is_ready(&attempted(2), NOW));
    assert!(!is_ready(&attempted(3), NOW));
}

#[test]
fn a_retry_limit_of_zero_forbids_the_first_attempt() {
    let never = StepRecord { retry_limit: Some(0), ..fresh_step() };
    assert!(!is_ready(&never, NOW));
    assert!(!Readiness::of(&never, NOW).is_permanently_blocked(), "blocked is for failures");
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn a_step_is_ready_when_nothing_stands_against_it(step in step()) {
        let against = obstacles(&step, NOW);
        prop_assert_eq!(is_ready(&step, NOW), against.is_empty(), "{:?}", against);
    }

    #[test]
    fn the_columns_say_what_the_facts_say(step in step()) {
        let row = Readiness::of(&step, NOW);
        let against = obstacles(&step, NOW);
        prop_assert_eq!(row.workflow_step_id, step.id);
        prop_assert_eq!(row.task_id, step.task_id);
        prop_assert_eq!(row.named_step_id, step.named_step_id);
        prop_assert_eq!(&row.name, &step.name);
        prop_assert_eq!(row.current_state.as_str(), step.state.as_ref().map_or("pending", |s| s.as_str()));
        prop_assert_eq!(row.dependencies_satisfied, !against.contains(&"parents"));
        prop_assert_eq!(row.retry_eligible, !against.contains(&"attempts"));
        prop_assert_eq!(row.ready_for_execution, against.is_empty());
        prop_assert_eq!(row.last_failure_at, step.failed_at);
        prop_assert_eq!(row.next_retry_at, backoff::next_retry_at(&step));
        prop_assert_eq!((row.total_parents, row.completed_parents), (step.parents.total, step.parents.completed));
        prop_assert_eq!((row.attempts, row.retry_limit), (step.attempts.unwrap_or(0), step.retry_limit.unwrap_or(3)));
        prop_assert_eq!(row.backoff_request_seconds, step.backoff_request_seconds);
        prop_assert_eq!(row.last_attempted_at, step.last_attempted_at);
    }

    #[test]
    fn only_failures_without_attempts_left_are_blocked_for_good(step in step()) {
        let row = Readiness::of(&step, NOW);
        prop_assert_eq!(row.is_permanently_blocked(), step.state == Some(State::Error) && !row.retry_eligible);
        prop_assert!(!(row.is_permanently_blocked() && row.ready_for_execution));
    }

    #[test]
    fn satisfying_a_parent_never_makes_a_ready_step_unready(step in step()) {
        let mut relieved = step.clone();
        relieved.parents.completed = (step.parents.completed + 1).min(step.parents.total);
        prop_assert!(!is_ready(&step, NOW) || is_ready(&relieved, NOW));
    }

    #[test]
    fn waiting_longer_never_makes_a_ready_step_unready(step in step(), longer in 0i64..1_000 * SECOND) {
        prop_assert!(!is_ready(&step, NOW) || is_ready(&step, NOW + Micros(longer)));
    }

    #[test]
    fn allowing_more_attempts_never_makes_a_ready_step_unready(step in step(), more in 0i32..5) {
        let mut generous = step.clone();
        generous.retry_limit = Some(step.retry_limit.unwrap_or(3) + more);
        prop_assert!(!is_ready(&step, NOW) || is_ready(&generous, NOW));
    }

    #[test]
    fn one_more_attempt_never_makes_an_unready_step_ready(step in step()) {
        let mut tired = step.clone();
        tired.attempts = Some(step.attempts.unwrap_or(0) + 1);
        prop_assert!(is_ready(&step, NOW) || !is_ready(&tired, NOW));
    }

    #[test]
    fn a_step_that_only_waits_is_ready_the_microsecond_its_waits_end(drawn in step(), failed in any::<bool>()) {
        let step = StepRecord {
            state: failed.then_some(State::Error),
            failed_at: failed.then_some(NOW),
            processed: false,
            in_process: false,
            retryable: true,
            retry_limit: Some(drawn.attempts.unwrap_or(0) + 1),
            parents: ParentCount { completed: drawn.parents.total, ..drawn.parents },
            ..drawn
        };
        match backoff::requested_until(&step).max(backoff::failure_until(&step)) {
            None => prop_assert!(is_ready(&step, Timestamp(i64::MIN))),
            Some(end) => {
                prop_assert!(is_ready(&step, end));
                prop_assert!(!is_ready(&step, end + Micros(-1)));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_snapshot_is_answered_in_its_own_order(steps in prop::collection::vec(step(), 0..30)) {
        let rows = readiness(&StepSnapshot { now: NOW, steps: steps.clone() });
        let alone: Vec<Readiness> = steps.iter().map(|step| Readiness::of(step, NOW)).collect();
        prop_assert_eq!(rows, alone);
    }
}

fn snapshot(steps: &[StepRecord]) -> StepSnapshot {
    StepSnapshot { now: NOW, steps: steps.to_vec() }
}

/// A failed step that waits that much longer than now.
fn waiting_step(micros: i64) -> StepRecord {
    let step = ready_step();
    StepRecord { failed_at: step.failed_at.map(|at| at + Micros(micros)), ..step }
}

#[test]
fn the_next_wait_is_the_shortest_one() {
    assert_eq!(next_wait(&snapshot(&[])), None);
    assert_eq!(next_wait(&snapshot(&[waiting_step(9), waiting_step(1), waiting_step(5)])), Some(Micros(1)));
    assert_eq!(next_wait(&snapshot(&[waiting_step(9), ready_step()])), Some(Micros(0)));
    assert_eq!(next_wait(&snapshot(&[fresh_step()])), Some(Micros(0)));
}

#[test]
fn the_longer_wait_of_a_step_counts() {
    let asked = StepRecord { backoff_request_seconds: Some(60), ..waiting_step(SECOND) };
    assert_eq!(next_wait(&snapshot(&[asked])), Some(Micros(53 * SECOND)));
}

#[test]
fn what_never_comes_is_not_waited_for() {
    let never = StepRecord { last_attempted_at: Some(Timestamp(i64::MAX)), ..ready_step() };
    assert_eq!(next_wait(&snapshot(&[never])), None);
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn a_step_is_ready_after_the_next_wait_and_none_is_before(steps in proptest::collection::vec(step(), 0..8)) {
        let ready = |now: Timestamp| steps.iter().any(|step| is_ready(step, now));
        match next_wait(&snapshot(&steps)) {
            Some(Micros(0)) => prop_assert!(ready(NOW)),
            Some(wait) => {
                prop_assert!(ready(NOW + wait));
                prop_assert!(!ready(NOW + Micros(wait.0 - 1)));
            }
            None => prop_assert!(!ready(Timestamp(i64::MAX - 1))),
        }
    }
}
