//! Several workers at the end of one attempt.

use crate::support::racers::{RACERS, assert_settled, race, race_pool};
use crate::support::seed::{self, attempt, request, step_row};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tasker_core::operations::execution::{Attempt, finish};
use tasker_core::operations::transition::{Subject, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

/// Steps in progress, each in a task of its own.
async fn steps_in_progress(pool: &PgPool, count: usize) -> Vec<Subject> {
    let mut tx = pool.begin().await.unwrap();
    let mut steps = Vec::with_capacity(count);
    for _ in 0..count {
        let task = seed::task(&mut tx).await;
        steps.push(seed::step(&mut tx, task).await);
        seed::record(&mut tx, steps[steps.len() - 1], "in_progress").await;
    }
    tx.commit().await.unwrap();
    steps
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_attempt_ends_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    let steps = steps_in_progress(&pool, 1_000).await;
    let rounds = race(&pool, &steps, |racer, connection, step| {
        Box::pin(async move {
            let attempt = Attempt { attempts: racer as i32 + 1, ..attempt(step) };
            finish(&mut Connection(connection), &attempt).await
        })
    })
    .await;
    let mut connection = pool.acquire().await.unwrap();
    for (round, &step) in rounds.iter().zip(&steps) {
        let winners: Vec<usize> = (0..RACERS).filter(|&racer| round[racer].is_some()).collect();
        let [winner] = winners[..] else { panic!("expected one winner: {round:?}") };
        assert_eq!(round[winner].as_ref().unwrap().sort_key, 20);
        assert_eq!(step_row(&mut connection, step).await["attempts"], winner + 1, "a loser has written");
    }
    assert_settled(&pool, &steps, "complete").await;
    drop(connection);
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_attempt_ends_or_is_cancelled(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    let steps = steps_in_progress(&pool, 500).await;
    let rounds = race(&pool, &steps, |racer, connection, step| {
        Box::pin(async move {
            let mut session = Connection(connection);
            if racer % 2 == 0 {
                return Ok(finish(&mut session, &attempt(step)).await?.is_some());
            }
            Ok(transition(&mut session, &request(step, State::Cancelled)).await?.is_ok())
        })
    })
    .await;
    let mut connection = pool.acquire().await.unwrap();
    let (mut finished, mut cancelled) = (vec![], vec![]);
    for (round, &step) in rounds.iter().zip(&steps) {
        let winners: Vec<usize> = (0..RACERS).filter(|&racer| round[racer]).collect();
        let [winner] = winners[..] else { panic!("expected one winner: {round:?}") };
        let ended = winner % 2 == 0;
        assert_eq!(
            step_row(&mut connection, step).await["processed"],
            ended,
            "the row and the history differ"
        );
        if ended {
            finished.push(step)
        } else {
            cancelled.push(step)
        };
    }
    println!("{} rounds, {} of them finished, {} cancelled", rounds.len(), finished.len(), cancelled.len());
    assert_settled(&pool, &finished, "complete").await;
    assert_settled(&pool, &cancelled, "cancelled").await;
    drop(connection);
    pool.close().await;
}
