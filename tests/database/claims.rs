//! A worker's late end, after another worker has claimed the same task or step.

use crate::support::seed::{self, AT, attempt, history, record, request, step_row};
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::{StepId, TaskId, TransitionId};
use tasker_core::machine::Owner;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::execution::{Attempt, Ending, finish, finish_task};
use tasker_core::operations::transition::{
    Claims, Outcome, Recorded, Refusal, Request, Subject, check, transition,
};
use tasker_core::state::State;
use tasker_core::store::Connection;

async fn go(connection: &mut PgConnection, request: Request) -> Outcome {
    transition(&mut Connection(connection), &request).await.unwrap()
}

async fn claim(connection: &mut PgConnection, subject: Subject) -> TransitionId {
    go(connection, request(subject, State::InProgress)).await.unwrap().id
}

/// The claim of a worker whose step, or task, has been put back since and claimed by another; and that one's.
async fn lost_claim(connection: &mut PgConnection, subject: Subject) -> (TransitionId, TransitionId) {
    let lost = claim(connection, subject).await;
    record(connection, subject, "error").await;
    record(connection, subject, "pending").await;
    (lost, claim(connection, subject).await)
}

fn of_own(claim: TransitionId) -> Claims {
    Claims { own: Some(claim), task: None }
}

async fn task_and_step(connection: &mut PgConnection) -> (Subject, Subject) {
    seed::definitions(connection).await;
    let task = seed::task(connection).await;
    (task, seed::step(connection, task).await)
}

/// Every way of ending an attempt.
async fn ends(
    connection: &mut PgConnection,
    step: Subject,
    claim: TransitionId,
    ending: Ending,
) -> [Option<Recorded>; 3] {
    let attempt = Attempt { ending, claim: Some(claim), ..attempt(step) };
    let single = finish(&mut Connection(connection), &attempt).await.unwrap();
    let moved =
        transition_steps(&mut Connection(connection), &[StepTransition::end(&attempt)], AT).await.unwrap();
    let to = ending.state();
    let alone = go(connection, Request { claims: of_own(claim), ..request(step, to) }).await;
    [single, moved[0].clone().ok(), alone.ok()]
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_the_claim_of_no_other_worker(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (_, step) = task_and_step(&mut tx).await;
    let (lost, _) = lost_claim(&mut tx, step).await;
    let before = (step_row(&mut tx, step).await, history(&mut tx, step).await);
    for ending in [Ending::Complete, Ending::Error] {
        assert_eq!(ends(&mut tx, step, lost, ending).await, [None, None, None], "{ending:?}");
    }
    assert_eq!((step_row(&mut tx, step).await, history(&mut tx, step).await), before);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_the_own_claim(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for way in 0..3 {
        let task = seed::task(&mut tx).await;
        let step = seed::step(&mut tx, task).await;
        let (_, own) = lost_claim(&mut tx, step).await;
        let attempt = Attempt { claim: Some(own), ..attempt(step) };
        let session = &mut Connection(&mut tx);
        let recorded = match way {
            0 => finish(session, &attempt).await.unwrap(),
            1 => {
                transition_steps(session, &[StepTransition::end(&attempt)], AT).await.unwrap()[0].clone().ok()
            }
            _ => {
                let end = Request { claims: of_own(own), ..request(step, State::Complete) };
                transition(session, &end).await.unwrap().ok()
            }
        };
        assert_eq!(recorded.unwrap().from, State::InProgress);
    }
}

/// A step that failed on another worker's behalf and waits for its next attempt could fail once more.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_without_a_claim_is_not_failed_by_its_last_worker(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (_, step) = task_and_step(&mut tx).await;
    let lost = claim(&mut tx, step).await;
    record(&mut tx, step, "error").await;
    record(&mut tx, step, "pending").await;
    assert_eq!(ends(&mut tx, step, lost, Ending::Error).await, [None, None, None]);
    let refused = Err(Refusal::ClaimLost { from: State::Pending });
    let session = &mut Connection(&mut tx);
    assert_eq!(check(session, step, &State::Error, None, of_own(lost)).await.unwrap(), refused);
    sqlx::query("delete from tasker_workflow_step_transitions where workflow_step_id = $1")
        .bind(step.id)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(ends(&mut tx, step, lost, Ending::Error).await, [None, None, None], "without any history");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_is_ended_by_its_claim(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let (lost, own) = lost_claim(&mut tx, task).await;
    let id = TaskId(task.id);
    for to in [State::Complete, State::Error, State::Pending] {
        let outcome = go(&mut tx, Request { claims: of_own(lost), ..request(task, to) }).await;
        assert_eq!(outcome, Err(Refusal::ClaimLost { from: State::InProgress }));
    }
    assert_eq!(finish_task(&mut Connection(&mut tx), id, Some(lost), AT).await.unwrap(), None);
    assert!(finish_task(&mut Connection(&mut tx), id, Some(own), AT).await.unwrap().is_some());
}

/// The engine's finalizer starts a task once more that was put back meanwhile.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_that_is_not_in_progress_can_be_claimed_anew(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let own = claim(&mut tx, task).await;
    record(&mut tx, task, "pending").await;
    let again = Request { claims: of_own(own), ..request(task, State::InProgress) };
    assert_eq!(go(&mut tx, again).await.unwrap().from, State::Pending);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_of_another_workers_task_is_not_claimed(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, step) = task_and_step(&mut tx).await;
    let (lost, own) = lost_claim(&mut tx, task).await;
    let of_task = |claim| Claims { own: None, task: Some(claim) };
    let begin = |claim| StepTransition { claims: of_task(claim), ..StepTransition::begin(StepId(step.id)) };
    let refused = Err(Refusal::TaskClaimLost { from: State::Pending });
    let claiming = |claim| Request { claims: of_task(claim), ..request(step, State::InProgress) };
    assert_eq!(go(&mut tx, claiming(lost)).await, refused);
    assert_eq!(transition_steps(&mut Connection(&mut tx), &[begin(lost)], AT).await.unwrap()[0], refused);
    assert_eq!(history(&mut tx, step).await, []);

    record(&mut tx, task, "cancelled").await;
    assert_eq!(step.owner, Owner::Step);
    assert!(go(&mut tx, claiming(lost)).await.is_ok(), "the engine runs the steps of a cancelled task");
    let other = seed::step(&mut tx, task).await;
    record(&mut tx, task, "in_progress").await;
    let begins = [StepTransition { claims: of_task(own), ..StepTransition::begin(StepId(other.id)) }];
    let begun = transition_steps(&mut Connection(&mut tx), &begins, AT).await.unwrap();
    assert_eq!(begun[0], refused, "a third worker has it");
}
