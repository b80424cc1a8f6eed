//! Conditions on entering a state.

use crate::support::seed::{self, edge, history, record, request};
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::StepId;
use tasker_core::machine::Guard;
use tasker_core::operations::transition::{
    Claims, Refusal, Request, Subject, allowed_transitions, check, transition,
};
use tasker_core::state::State;
use tasker_core::store::Connection;

/// Does the guard before `to` hold? Every way of asking must agree; what the transition wrote is taken back.
async fn holds(
    connection: &mut PgConnection,
    subject: Subject,
    to: State,
    parents: Option<&[Subject]>,
) -> bool {
    let parents: Option<Vec<StepId>> =
        parents.map(|steps| steps.iter().map(|step| StepId(step.id)).collect());
    let mut tx = sqlx::Connection::begin(connection).await.unwrap();
    let mut session = Connection(&mut tx);
    let checked = check(&mut session, subject, &to, parents.as_deref(), Claims::default()).await.unwrap();
    let allowed = allowed_transitions(&mut session, subject, parents.as_deref()).await.unwrap().unwrap();
    let request = Request { parents, ..request(subject, to.clone()) };
    let outcome = transition(&mut session, &request).await.unwrap();
    assert_eq!(checked.clone().err(), outcome.clone().err(), "check and transition disagree");
    assert_eq!(allowed.1.contains(&to), outcome.is_ok(), "allowed_transitions and transition disagree");
    match outcome {
        Ok(_) => assert_eq!(history(&mut tx, subject).await.last().unwrap().to_state, to.as_str()),
        Err(Refusal::GuardFailed { .. }) => {}
        Err(other) => panic!("expected the guard to decide, got {other:?}"),
    }
    tx.rollback().await.unwrap();
    checked.is_ok()
}

async fn may_start(connection: &mut PgConnection, step: Subject) -> bool {
    holds(connection, step, State::InProgress, None).await
}

async fn may_complete(connection: &mut PgConnection, task: Subject) -> bool {
    holds(connection, task, State::Complete, None).await
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_starts_when_every_parent_is_done(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let steps = seed::steps(&mut tx, task, 3).await;
    assert!(may_start(&mut tx, steps[0]).await, "without parents");
    edge(&mut tx, steps[1], steps[0]).await;
    assert!(!may_start(&mut tx, steps[0]).await, "the parent has no history");
    for state in State::ALL.map(|state| state.to_string()).iter().map(String::as_str).chain(["", "Complete"])
    {
        record(&mut tx, steps[1], state).await;
        let done = ["complete", "resolved_manually"].contains(&state);
        assert_eq!(may_start(&mut tx, steps[0]).await, done, "the parent is {state:?}");
    }
    record(&mut tx, steps[1], "complete").await;
    edge(&mut tx, steps[2], steps[0]).await;
    assert!(!may_start(&mut tx, steps[0]).await, "one of two parents is open");
    record(&mut tx, steps[2], "resolved_manually").await;
    edge(&mut tx, steps[2], steps[0]).await;
    assert!(may_start(&mut tx, steps[0]).await, "both are done, one edge is there twice");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_parent_in_another_task_counts_and_a_child_does_not(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let (task, other) = (seed::task(&mut tx).await, seed::task(&mut tx).await);
    let step = seed::step(&mut tx, task).await;
    let child = seed::step(&mut tx, task).await;
    edge(&mut tx, step, child).await;
    assert!(may_start(&mut tx, step).await);
    let foreign = seed::step(&mut tx, other).await;
    edge(&mut tx, foreign, step).await;
    assert!(!may_start(&mut tx, step).await);
    record(&mut tx, foreign, "complete").await;
    assert!(may_start(&mut tx, step).await);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn only_the_current_state_of_a_parent_counts(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let steps = seed::steps(&mut tx, task, 2).await;
    edge(&mut tx, steps[0], steps[1]).await;
    seed::record_at(&mut tx, steps[0], "complete", 90, false).await;
    assert!(!may_start(&mut tx, steps[1]).await, "a row without the flag");
    seed::record_at(&mut tx, steps[0], "complete", 10, true).await;
    assert!(may_start(&mut tx, steps[1]).await);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn given_parents_stand_in_for_the_edges(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let [step, open, done] = seed::steps(&mut tx, task, 3).await[..] else { panic!("three steps") };
    let unknown = Subject { id: 999_999, ..step };
    record(&mut tx, done, "complete").await;
    edge(&mut tx, open, step).await;
    for (parents, expected) in [
        (None, false),
        (Some(&[][..]), true),
        (Some(&[done][..]), true),
        (Some(&[done, done][..]), true),
        (Some(&[done, open][..]), false),
        (Some(&[unknown][..]), false),
    ] {
        let held = holds(&mut tx, step, State::InProgress, parents).await;
        assert_eq!(held, expected, "parents {parents:?}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_is_complete_when_every_step_is_done(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let (task, other) = (seed::task(&mut tx).await, seed::task(&mut tx).await);
    record(&mut tx, task, "in_progress").await;
    seed::step(&mut tx, other).await;
    assert!(may_complete(&mut tx, task).await, "without steps");
    let steps = seed::steps(&mut tx, task, 2).await;
    assert!(!may_complete(&mut tx, task).await, "steps without history");
    record(&mut tx, steps[0], "resolved_manually").await;
    for state in State::ALL.map(|state| state.to_string()).iter().map(String::as_str).chain(["", "Complete"])
    {
        record(&mut tx, steps[1], state).await;
        let done = ["complete", "resolved_manually"].contains(&state);
        assert_eq!(may_complete(&mut tx, task).await, done, "the last step is {state:?}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_machine_is_asked_before_the_guard(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let steps = seed::steps(&mut tx, task, 2).await;
    edge(&mut tx, steps[0], steps[1]).await;
    let mut refusal = async |subject, to| {
        transition(&mut Connection(&mut tx), &request(subject, to)).await.unwrap().unwrap_err()
    };
    let failed = Refusal::GuardFailed { from: State::Pending, guard: Guard::ParentsDone };
    assert_eq!(failed.to_string(), "the guard ParentsDone does not let it from 'pending'");
    assert_eq!(refusal(steps[1], State::InProgress).await, failed);
    assert_eq!(refusal(task, State::Complete).await, Refusal::NoSuchTransition { from: State::Pending });
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn other_states_are_entered_unguarded(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    for to in [State::Cancelled, State::Error, State::ResolvedManually] {
        let steps = seed::steps(&mut tx, task, 2).await;
        edge(&mut tx, steps[0], steps[1]).await;
        transition(&mut Connection(&mut tx), &request(steps[1], to)).await.unwrap().unwrap();
    }
    transition(&mut Connection(&mut tx), &request(task, State::Cancelled)).await.unwrap().unwrap();
}
