//! Refusals, each with its own error, after which the caller's transaction goes on.

use crate::support::seed::{history, record};
use sqlx::PgPool;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Guard;
use tasker_core::state::State;
use tasker_core::transitions::{Change, StepState, TaskState, TransitionError, Transitions};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn each_refusal_has_its_error_and_writes_nothing(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut tx).await.unwrap();
    let (task, parent, child) = (made.task, made.steps[0], made.steps[1]);

    let error = parent.transition_to(StepState::Complete, &mut *tx).await.unwrap_err();
    assert_eq!(error.to_string(), format!("step {parent} cannot transition from 'pending' to 'complete'"));
    assert!(matches!(error, TransitionError::Invalid { from: State::Pending, to: State::Complete, .. }));

    let change = Change::to(StepState::InProgress).from(StepState::Error);
    let error = parent.transition_to(change, &mut *tx).await.unwrap_err();
    assert!(matches!(error, TransitionError::Invalid { from: State::Pending, .. }), "{error:?}");

    let error = child.transition_to(StepState::InProgress, &mut *tx).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "step {child} cannot transition from 'pending' to 'in_progress' yet: a step that it depends on is not done"
        )
    );
    assert!(matches!(error, TransitionError::GuardFailed { guard: Guard::ParentsDone, .. }));
    assert!(!child.can_transition_to(StepState::InProgress, &mut *tx).await.unwrap());
    let allowed = child.allowed_transitions(&mut *tx).await.unwrap();
    assert_eq!(allowed, [StepState::Error, StepState::Cancelled, StepState::ResolvedManually]);

    task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
    let error = task.transition_to(TaskState::Complete, &mut *tx).await.unwrap_err();
    assert!(matches!(error, TransitionError::GuardFailed { guard: Guard::StepsDone, .. }));
    let reason = "yet: one of its steps is not done";
    assert!(error.to_string().ends_with(reason), "{error}");

    let error = StepId(-7).transition_to(StepState::Error, &mut *tx).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no step -7");
    let error = TaskId(-7).allowed_transitions(&mut *tx).await.unwrap_err();
    assert!(matches!(error, TransitionError::NotFound { .. }));

    for step in [parent, child] {
        assert_eq!(history(&mut tx, step.subject()).await, []);
    }
    assert_eq!(history(&mut tx, task.subject()).await.len(), 1);
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_word_outside_of_the_machine_leads_nowhere(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let task = workflow(Pattern::Linear(0)).create(&mut tx).await.unwrap().task;
    record(&mut tx, task.subject(), "").await;
    assert_eq!(task.state(&mut *tx).await.unwrap(), State::from(""));
    assert_eq!(task.allowed_transitions(&mut *tx).await.unwrap(), []);
    let error = task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap_err();
    assert_eq!(error.to_string(), format!("task {task} cannot transition from '' to 'in_progress'"));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_error_of_the_server_is_the_databases(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let task = workflow(Pattern::Linear(0)).create(&mut connection).await.unwrap().task;
    sqlx::raw_sql("set default_transaction_read_only to on").execute(&mut *connection).await.unwrap();
    let error = task.transition_to(TaskState::InProgress, &mut *connection).await.unwrap_err();
    assert!(matches!(error, TransitionError::Database(_)), "{error:?}");
}
