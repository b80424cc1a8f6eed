//! Two sessions at one task or step.

use crate::support::seed;
use sqlx::PgPool;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::operations::transition::Claims;
use tasker_core::state::State;
use tasker_core::transitions::{Change, StepState, TransitionError, Transitions};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_many_sessions_one_gets_the_step(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let step = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap().steps[0];
    let claim = || {
        let pool = pool.clone();
        tokio::spawn(async move {
            let mut connection = pool.acquire().await.unwrap();
            step.transition_to(StepState::InProgress, &mut *connection).await
        })
    };
    let mut won = 0;
    for session in [claim(), claim(), claim(), claim()] {
        match session.await.unwrap() {
            Ok(_) => won += 1,
            Err(TransitionError::Invalid { from: State::InProgress, .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(seed::history(&mut connection, step.subject()).await.len(), 1);
}

/// A snapshot that was taken before another session's transition cannot see it.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_snapshot_that_is_too_old_is_a_conflict(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let step = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap().steps[0];
    step.transition_to(StepState::InProgress, &mut *connection).await.unwrap();

    let mut old = pool.begin().await.unwrap();
    sqlx::raw_sql("set transaction isolation level repeatable read; select 1")
        .execute(&mut *old)
        .await
        .unwrap();
    assert_eq!(step.state(&mut *old).await.unwrap(), State::InProgress);
    step.transition_to(StepState::Complete, &mut *connection).await.unwrap();

    let error = step.transition_to(StepState::Error, &mut *old).await.unwrap_err();
    assert!(matches!(error, TransitionError::Conflict { .. }), "{error:?}");
    assert!(error.to_string().starts_with(&format!("another session moved step {step} at the same time: ")));
    old.rollback().await.unwrap();
    assert_eq!(step.state(&mut *connection).await.unwrap(), State::Complete);
}

/// The claim of a worker is the transition by which it began; another attempt is another claim.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_claim_that_was_lost_ends_nothing(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let step = workflow(Pattern::Linear(1)).create(&mut tx).await.unwrap().steps[0];
    let first = step.transition_to(StepState::InProgress, &mut *tx).await.unwrap().id;
    for state in [StepState::Error, StepState::Pending] {
        step.transition_to(state, &mut *tx).await.unwrap();
    }
    let second = step.transition_to(StepState::InProgress, &mut *tx).await.unwrap().id;
    let end = |claim| Change::to(StepState::Complete).claimed_by(Claims { own: Some(claim), task: None });
    let error = step.transition_to(end(first), &mut *tx).await.unwrap_err();
    assert!(matches!(error, TransitionError::ClaimLost { from: State::InProgress, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "step {step} cannot transition from 'in_progress' to 'complete': the claim of its worker has been lost"
        )
    );
    assert_eq!(step.transition_to(end(second), &mut *tx).await.unwrap().sort_key, 50);
}
