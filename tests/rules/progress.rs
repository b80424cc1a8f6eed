//! Execution contexts.

use crate::support::{NOW, cases, fresh_step, state, step};
use proptest::option;
use proptest::prelude::*;
use tasker_core::ids::{NamedTaskId, TaskId};
use tasker_core::progress::{ExecutionContext, ExecutionStatus, HealthStatus, Percentage, execution_context};
use tasker_core::readiness::{Readiness, is_ready};
use tasker_core::records::{StepRecord, TaskRecord};
use tasker_core::state::State;

fn context_of(steps: &[StepRecord]) -> ExecutionContext {
    let task = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(2), state: Some(State::InProgress) };
    let rows: Vec<Readiness> = steps.iter().map(|step| Readiness::of(step, NOW)).collect();
    execution_context(&task, &rows)
}

fn in_state(state: State) -> StepRecord {
    StepRecord { failed_at: (state == State::Error).then_some(NOW), state: Some(state), ..fresh_step() }
}

/// What a task can have at once: steps ready, running, blocked for good, failed but waiting, and done.
const KINDS: [fn() -> StepRecord; 5] = [
    fresh_step,
    || in_state(State::InProgress),
    || StepRecord { attempts: Some(3), ..in_state(State::Error) },
    || StepRecord { attempts: Some(1), ..in_state(State::Error) },
    || in_state(State::Complete),
];

#[test]
fn the_first_that_applies_decides() {
    for present in 0..1u32 << KINDS.len() {
        let has = |kind: usize| present >> kind & 1 == 1;
        let steps: Vec<StepRecord> =
            KINDS.iter().enumerate().filter(|(kind, _)| has(*kind)).map(|(_, make)| make()).collect();
        let (ready, running, blocked, retrying, done) = (has(0), has(1), has(2), has(3), has(4));
        let (status, action) = match (ready, running, blocked, retrying, done) {
            (true, ..) => ("has_ready_steps", "execute_ready_steps"),
            (false, true, ..) => ("processing", "wait_for_completion"),
            (false, false, true, ..) => ("blocked_by_failures", "handle_failures"),
            (false, false, false, false, true) => ("all_complete", "finalize_task"),
            (false, false, false, ..) => ("waiting_for_dependencies", "wait_for_dependencies"),
        };
        let health = match (blocked, retrying, ready) {
            (false, false, _) => "healthy",
            (true, _, false) => "blocked",
            _ => "recovering",
        };
        let context = context_of(&steps);
        let words = (context.execution_status.as_str(), context.recommended_action.as_str());
        assert_eq!(words, (status, action), "steps {present:05b}");
        assert_eq!(context.health_status.as_str(), health, "steps {present:05b}");
    }
}

#[test]
fn a_task_without_steps_waits_and_is_healthy() {
    let context = context_of(&[]);
    assert_eq!(context.execution_status, ExecutionStatus::WaitingForDependencies);
    assert_eq!(context.health_status, HealthStatus::Healthy);
    assert_eq!((context.total_steps, context.completion_percentage.hundredths()), (0, 0));
}

#[test]
fn steps_resolved_manually_count_as_completed_and_cancelled_ones_do_not() {
    let context = context_of(&[in_state(State::ResolvedManually), in_state(State::Complete)]);
    assert_eq!(context.execution_status, ExecutionStatus::AllComplete);
    let context = context_of(&[in_state(State::Cancelled), in_state(State::Complete)]);
    assert_eq!(context.execution_status, ExecutionStatus::WaitingForDependencies);
    assert_eq!(context.completed_steps, 1);
}

/// Longhand division, digit by digit, rounded by the third decimal.
fn percent(part: u64, whole: u64) -> String {
    let mut digits = part * 100 / whole;
    let mut rest = part * 100 % whole;
    for _ in 0..3 {
        digits = digits * 10 + rest * 10 / whole;
        rest = rest * 10 % whole;
    }
    let hundredths = digits / 10 + u64::from(digits % 10 >= 5);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[test]
fn percentages_are_rounded_half_up_to_two_decimals() {
    assert_eq!(Percentage::of(1, 3).to_string(), "33.33");
    assert_eq!(Percentage::of(2, 3).to_string(), "66.67");
    assert_eq!(Percentage::of(1, 32).to_string(), "3.13", "3.125 exactly");
    for whole in 1..=300 {
        for part in 0..=whole {
            assert_eq!(Percentage::of(part, whole).to_string(), percent(part, whole), "{part} of {whole}");
        }
    }
}

#[test]
fn nothing_of_nothing_is_no_percent() {
    assert_eq!(Percentage::of(0, 0).to_string(), "0.00");
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_step_is_counted_once(steps in prop::collection::vec(step(), 0..30)) {
        let context = context_of(&steps);
        let count = |words: &[&str]| {
            let word = |step: &StepRecord| step.state.clone().unwrap_or(State::Pending);
            steps.iter().filter(|step| words.contains(&word(step).as_str())).count() as u64
        };
        prop_assert_eq!(context.total_steps, steps.len() as u64);
        prop_assert_eq!(context.pending_steps, count(&["pending"]));
        prop_assert_eq!(context.in_progress_steps, count(&["in_progress"]));
        prop_assert_eq!(context.completed_steps, count(&["complete", "resolved_manually"]));
        prop_assert_eq!(context.failed_steps, count(&["error"]));
        let counted = [context.pending_steps, context.in_progress_steps, context.completed_steps, context.failed_steps];
        let nowhere = |step: &&StepRecord| matches!(step.state, Some(State::Cancelled | State::Other(_)));
        let uncounted = steps.iter().filter(nowhere).count() as u64;
        prop_assert_eq!(counted.iter().sum::<u64>() + uncounted, context.total_steps);
        let ready = steps.iter().filter(|step| is_ready(step, NOW)).count() as u64;
        prop_assert_eq!(context.ready_steps, ready);
        prop_assert!(ready <= context.pending_steps + context.failed_steps);
    }

    #[test]
    fn the_order_of_steps_does_not_matter(steps in prop::collection::vec(step(), 0..20)) {
        let turned: Vec<StepRecord> = steps.iter().rev().cloned().collect();
        prop_assert_eq!(context_of(&steps), context_of(&turned));
    }

    #[test]
    fn a_task_is_done_when_its_percentage_is_full(steps in prop::collection::vec(step(), 1..6)) {
        let context = context_of(&steps);
        let full = context.completion_percentage.hundredths() == 10_000;
        prop_assert_eq!(full, context.execution_status == ExecutionStatus::AllComplete);
    }

    #[test]
    fn the_task_speaks_for_itself(recorded in option::of(state())) {
        let task = TaskRecord { id: TaskId(7), named_task_id: NamedTaskId(9), state: recorded.clone() };
        let context = execution_context(&task, &[]);
        prop_assert_eq!((context.task_id, context.named_task_id), (TaskId(7), NamedTaskId(9)));
        prop_assert_eq!(context.status, recorded.unwrap_or(State::Pending));
    }
}
