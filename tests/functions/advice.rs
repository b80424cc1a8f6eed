//! The methods of rows, beside rules written out once more.

#[allow(dead_code)]
#[path = "../rules/support.rs"]
mod random;

use proptest::prelude::*;
use random::{NOW, SECOND, cases, step};
use tasker_core::blocker::Blocker;
use tasker_core::functions::{
    Backoff, BlockingReason, RetryStatus, SystemHealthCounts, SystemRecommendation, Urgency,
};
use tasker_core::ids::{NamedTaskId, TaskId};
use tasker_core::progress::{ExecutionStatus, Percentage, RecommendedAction, execution_context};
use tasker_core::readiness::Readiness;
use tasker_core::records::TaskRecord;
use tasker_core::time::{Micros, Timestamp};

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn advice_on_a_step_follows_from_its_row(step in step()) {
        let row = Readiness::of(&step, NOW);
        prop_assert_eq!(row.blocking_reason().is_none(), row.ready_for_execution);
        if let Some(reason) = row.blocking_reason() {
            let expected = if row.completed_parents < row.total_parents {
                BlockingReason::DependenciesNotSatisfied
            } else if row.attempts >= row.retry_limit {
                BlockingReason::RetryNotEligible
            } else if !["pending", "error"].contains(&row.current_state.as_str()) {
                BlockingReason::InvalidState
            } else {
                BlockingReason::Unknown
            };
            prop_assert_eq!(reason, expected);
        }
        if let Some(blocker) = Blocker::of(&step, NOW, []) {
            // A row looks at parents first, a blocker at what only a person can change.
            if row.dependencies_satisfied || matches!(blocker, Blocker::Parents { .. }) {
                prop_assert_eq!(row.blocking_reason(), Some(blocker.into()));
            }
        }
        let status = if row.attempts >= row.retry_limit { RetryStatus::MaxRetriesReached } else { RetryStatus::RetryEligible };
        prop_assert_eq!(row.retry_status(), status);
        match row.backoff() {
            Backoff::None => prop_assert_eq!(row.next_retry_at, None),
            Backoff::Explicit => {
                let wait = Micros(i64::from(step.backoff_request_seconds.unwrap()) * SECOND);
                prop_assert_eq!(row.next_retry_at, Some(step.last_attempted_at.unwrap() + wait));
            }
            Backoff::Exponential => prop_assert!(row.next_retry_at > step.failed_at),
        }
        let wait = row.time_until_ready(NOW);
        prop_assert!(wait.is_none_or(|wait| wait >= Micros(0)));
        if row.ready_for_execution {
            prop_assert_eq!(wait, Some(Micros(0)));
        }
    }

    #[test]
    fn advice_on_a_task_follows_from_its_context(steps in proptest::collection::vec(step(), 0..8)) {
        let rows: Vec<Readiness> = steps.iter().map(|step| Readiness::of(step, NOW)).collect();
        let task = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None };
        let context = execution_context(&task, &rows);
        let next = context.next_action();
        prop_assert_eq!(next.action, context.recommended_action);
        prop_assert_eq!(next.can_proceed, matches!(
            context.execution_status, ExecutionStatus::HasReadySteps | ExecutionStatus::AllComplete
        ));
        prop_assert_eq!(next.urgency == Urgency::Critical, next.action == RecommendedAction::HandleFailures);
        prop_assert_eq!(context.has_work_to_do(), context.needs_immediate_action() || context.execution_status == ExecutionStatus::Processing);
        prop_assert_eq!(context.remaining_steps() + context.completed_steps, context.total_steps);
    }

    #[test]
    fn a_percentage_is_read_as_it_is_written(part in 0u64..5_000, rest in 0u64..5_000) {
        let percentage = Percentage::of(part, part + rest);
        prop_assert_eq!(Percentage::parse(&percentage.to_string()), Some(percentage));
    }
}

#[test]
fn backoff_doubles_up_to_thirty_seconds() {
    let wait = |attempts, requested| {
        let mut row = Readiness::of(&random::fresh_step(), NOW);
        (row.attempts, row.backoff_request_seconds) = (attempts, requested);
        row.effective_backoff_seconds()
    };
    let expected = [(-1, 0), (0, 0), (1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (44, 30), (i32::MAX, 30)];
    for (attempts, seconds) in expected {
        assert_eq!(wait(attempts, None), seconds, "after {attempts} attempts");
    }
    assert_eq!(wait(3, Some(120)), 120);
}

#[test]
fn a_retry_in_the_past_needs_no_wait() {
    let mut row = Readiness::of(&random::fresh_step(), NOW);
    row.ready_for_execution = false;
    assert_eq!(row.time_until_ready(NOW), None);
    row.next_retry_at = Some(Timestamp(NOW.0 - SECOND));
    assert_eq!(row.time_until_ready(NOW), Some(Micros(0)));
    row.next_retry_at = Some(Timestamp(NOW.0 + 3));
    assert_eq!(row.time_until_ready(NOW), Some(Micros(3)));
}

#[test]
fn percentages_of_another_form_are_refused() {
    for text in ["", ".", "-1.00", "1.234", "1e3", "+1", "12.3x", "18446744073709551615", "1.-1"] {
        assert_eq!(Percentage::parse(text), None, "{text:?}");
    }
    assert_eq!(Percentage::parse("0.0"), Some(Percentage::of(0, 1)));
    assert_eq!(Percentage::parse("100"), Some(Percentage::of(1, 1)));
}

#[test]
fn health_of_the_system() {
    let counts = SystemHealthCounts {
        complete_tasks: 1,
        error_tasks: 3,
        exhausted_retry_steps: 1,
        in_backoff_steps: 2,
        active_connections: 81,
        max_connections: 100,
        ..SystemHealthCounts::default()
    };
    assert_eq!((counts.health_score(), counts.connection_utilization()), (0.25, 0.81));
    assert_eq!(
        counts.recommendations(),
        [
            SystemRecommendation::ResolveExhaustedSteps,
            SystemRecommendation::InvestigateFailures,
            SystemRecommendation::RaiseConnectionLimit,
            SystemRecommendation::AwaitRetries
        ]
    );
    let nothing = SystemHealthCounts::default();
    assert_eq!((nothing.health_score(), nothing.connection_utilization()), (1.0, 0.0));
    assert_eq!(nothing.recommendations(), []);
}
