//! Several connections that want the same transition at the same time.

use crate::support::racers::{RACERS, assert_settled, owners, race, race_pool};
use crate::support::seed::{AT, request};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};
use tasker_core::Error;
use tasker_core::machine::Owner;
use tasker_core::operations::transition::{Outcome, Refusal, Subject, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

async fn go(connection: &mut PgConnection, subject: Subject, to: State) -> Result<Outcome, Error> {
    transition(&mut Connection(connection), &request(subject, to)).await
}

/// One winner; the others found the owner where the winner had brought it.
fn assert_one_winner(round: &[Outcome], to: State) {
    let lost = Err(Refusal::NoSuchTransition { from: to });
    let winners = round.iter().filter(|outcome| outcome.is_ok()).count();
    let losers = round.iter().filter(|outcome| **outcome == lost).count();
    assert_eq!((winners, losers), (1, RACERS - 1), "{round:?}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_first_transition_has_one_winner(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    let steps = owners(&pool, Owner::Step, 1_000, None).await;
    let rounds =
        race(&pool, &steps, |_, connection, step| Box::pin(go(connection, step, State::InProgress))).await;
    rounds.iter().for_each(|round| assert_one_winner(round, State::InProgress));
    assert_settled(&pool, &steps, "in_progress").await;

    let tasks = owners(&pool, Owner::Task, 200, None).await;
    let rounds =
        race(&pool, &tasks, |_, connection, task| Box::pin(go(connection, task, State::InProgress))).await;
    rounds.iter().for_each(|round| assert_one_winner(round, State::InProgress));
    assert_settled(&pool, &tasks, "in_progress").await;
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_later_transition_has_one_winner(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    for owner in [Owner::Step, Owner::Task] {
        let failed = owners(&pool, owner, 200, Some("error")).await;
        let rounds =
            race(&pool, &failed, |_, connection, subject| Box::pin(go(connection, subject, State::Pending)));
        rounds.await.iter().for_each(|round| assert_one_winner(round, State::Pending));
        assert_settled(&pool, &failed, "pending").await;
    }
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_cancellation_is_never_lost_to_a_claim(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    for state in [None, Some("pending")] {
        let steps = owners(&pool, Owner::Step, 250, state).await;
        let rounds = race(&pool, &steps, |racer, connection, step| {
            let to = if racer % 2 == 0 { State::InProgress } else { State::Cancelled };
            Box::pin(go(connection, step, to))
        })
        .await;
        let mut claims = 0;
        for round in &rounds {
            let winners =
                |side: usize| round.iter().skip(side).step_by(2).filter(|outcome| outcome.is_ok()).count();
            assert_eq!(winners(1), 1, "one cancellation: {round:?}");
            assert!(winners(0) <= 1, "at most one claim: {round:?}");
            claims += winners(0);
        }
        println!("{} rounds, {claims} claims came before the cancellation", rounds.len());
        assert_settled(&pool, &steps, "cancelled").await;
    }
    pool.close().await;
}

/// The move, then another statement in the same transaction, then its end.
async fn inside_transaction(
    connection: &mut PgConnection,
    step: Subject,
    commit: bool,
) -> Result<Outcome, Error> {
    let mut tx = connection.begin().await?;
    let outcome = go(&mut tx, step, State::InProgress).await?;
    sqlx::query("select 1").execute(&mut *tx).await?;
    if commit {
        tx.commit().await?
    } else {
        tx.rollback().await?
    }
    Ok(outcome)
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_lost_race_leaves_the_open_transaction_usable(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    for state in [None, Some("pending")] {
        let steps = owners(&pool, Owner::Step, 150, state).await;
        let rounds =
            race(&pool, &steps, |_, connection, step| Box::pin(inside_transaction(connection, step, true)))
                .await;
        rounds.iter().for_each(|round| assert_one_winner(round, State::InProgress));
        assert_settled(&pool, &steps, "in_progress").await;
    }
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_winner_that_rolls_back_leaves_the_place_to_another(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = race_pool(pool, options).await;
    for state in [None, Some("pending")] {
        let steps = owners(&pool, Owner::Step, 150, state).await;
        let rounds = race(&pool, &steps, |racer, connection, step| {
            Box::pin(inside_transaction(connection, step, racer % 2 == 0))
        })
        .await;
        for round in &rounds {
            assert_eq!(round.iter().step_by(2).filter(|outcome| outcome.is_ok()).count(), 1, "{round:?}");
        }
        assert_settled(&pool, &steps, "in_progress").await;
    }
    pool.close().await;
}

/// What `step.save!` comes down to.
async fn save(connection: &mut PgConnection, step: Subject) -> Result<(), sqlx::Error> {
    let update =
        "update tasker_workflow_steps set attempts = coalesce(attempts, 0) + 1 where workflow_step_id = $1";
    sqlx::query(update).bind(step.id).execute(connection).await.map(drop)
}

/// Our transition in a transaction that goes on to change the step.
async fn move_then_save(connection: &mut PgConnection, step: Subject) -> Result<bool, Error> {
    let mut tx = connection.begin().await?;
    let outcome = go(&mut tx, step, State::InProgress).await?;
    save(&mut tx, step).await?;
    tx.commit().await?;
    Ok(outcome.is_ok())
}

/// A transition as the engine writes it in one transaction: the step's row first, then the history, statement by
/// statement, with the sort key that was read before. A key that is taken by then is a lost race.
async fn as_the_engine(connection: &mut PgConnection, step: Subject) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    let last =
        "select coalesce(max(sort_key), 0) from tasker_workflow_step_transitions where workflow_step_id = $1";
    let last: i32 = sqlx::query_scalar(last).bind(step.id).fetch_one(&mut *tx).await?;
    let save =
        "update tasker_workflow_steps set attempts = coalesce(attempts, 0) + 1 where workflow_step_id = $1";
    sqlx::query(save).bind(step.id).execute(&mut *tx).await?;
    let unflag = "update tasker_workflow_step_transitions set most_recent = false
                  where workflow_step_id = $1 and most_recent";
    sqlx::query(unflag).bind(step.id).execute(&mut *tx).await?;
    let insert = "insert into tasker_workflow_step_transitions
                    (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
                  values ('in_progress', $2, true, $1, $3::timestamp, $3::timestamp)";
    sqlx::query(insert).bind(step.id).bind(last + 10).bind(AT.to_string()).execute(&mut *tx).await?;
    tx.commit().await
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_engines_own_writers_and_ours_do_not_deadlock(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    for state in [None, Some("pending")] {
        let steps = owners(&pool, Owner::Step, 150, state).await;
        let rounds = race(&pool, &steps, |racer, connection, step| {
            Box::pin(async move {
                if racer % 2 == 0 {
                    return move_then_save(connection, step).await;
                }
                match as_the_engine(connection, step).await {
                    Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
                    written => Ok(written.map(|()| true)?),
                }
            })
        })
        .await;
        let ours: usize =
            rounds.iter().map(|round| round.iter().step_by(2).filter(|won| **won).count()).sum();
        println!("{} rounds, {ours} won by the core", rounds.len());
        for round in &rounds {
            assert!(round.iter().step_by(2).filter(|won| **won).count() <= 1, "{round:?}");
            assert!(round.contains(&true), "no racer won");
        }
        assert_settled(&pool, &steps, "in_progress").await;
    }
    pool.close().await;
}
