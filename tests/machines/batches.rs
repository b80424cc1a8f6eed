//! Many transitions at once.

use crate::support::seed::history;
use serde_json::json;
use sqlx::PgPool;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::state::State;
use tasker_core::transitions::{Metadata, StepState, TaskState, TransitionError, Transitions};

fn metadata() -> Metadata {
    serde_json::from_value(json!({ "reason": "withdrawn" })).unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_steps_each_moves_or_says_why_not(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::ParallelMerge(3))
        .step("branch_3", StepState::Complete)
        .create(&mut tx)
        .await
        .unwrap();
    let steps = made.steps;
    let changes = [
        (steps[3], StepState::Cancelled),
        (steps[2], StepState::Cancelled),
        (StepId(-1), StepState::Cancelled),
        (steps[0], StepState::InProgress),
        (steps[0], StepState::Complete),
    ];
    let outcomes = StepId::transition_all(&changes, &metadata(), &mut *tx).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap().to, StepState::Cancelled);
    assert!(matches!(outcomes[1], Err(TransitionError::Invalid { from: State::Complete, .. })));
    assert!(matches!(outcomes[2], Err(TransitionError::NotFound { .. })));
    assert_eq!(outcomes[3].as_ref().unwrap().sort_key, 10);
    assert_eq!(
        (outcomes[4].as_ref().unwrap().from, outcomes[4].as_ref().unwrap().sort_key),
        (StepState::InProgress, 20)
    );
    for (step, rows) in [(steps[3], 1), (steps[0], 2), (steps[1], 0)] {
        let history = history(&mut tx, step.subject()).await;
        assert_eq!(history.len(), rows);
        assert!(history.iter().all(|row| row.metadata == r#"{"reason": "withdrawn"}"#));
    }
    assert!(StepId::transition_all(&[], &metadata(), &mut *tx).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_tasks_each_moves_or_says_why_not(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let mut tasks = Vec::new();
    for steps in [0, 1, 0] {
        let made =
            workflow(Pattern::Linear(steps)).task_in(TaskState::InProgress).create(&mut tx).await.unwrap();
        tasks.push(made.task);
    }
    let changes =
        [(tasks[2], TaskState::Complete), (tasks[1], TaskState::Complete), (tasks[0], TaskState::Pending)];
    let outcomes = TaskId::transition_all(&changes, &metadata(), &mut *tx).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap().to, TaskState::Complete);
    assert!(matches!(outcomes[1], Err(TransitionError::GuardFailed { .. })));
    assert_eq!(outcomes[2].as_ref().unwrap().to, TaskState::Pending);
    let last = history(&mut tx, tasks[2].subject()).await.pop().unwrap();
    assert_eq!((last.to_state.as_str(), last.metadata.as_str()), ("complete", r#"{"reason": "withdrawn"}"#));
}
