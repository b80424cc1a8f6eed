//! Where connections race for the same thing.

use super::seed::{self, history};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};
use std::pin::Pin;
use std::sync::Arc;
use tasker_core::Error;
use tasker_core::machine::Owner;
use tasker_core::operations::transition::Subject;
use tokio::sync::Barrier;

pub const RACERS: usize = 8;

/// What a racer does in a round. It must not panic: the others would wait for it at the next start.
pub type Run<T> = for<'c> fn(usize, &'c mut PgConnection, Subject) -> Lap<'c, T>;
pub type Lap<'c, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'c>>;

/// One pool for everybody. What is raced for is in memory; waiting for the disk would only make the rounds fewer.
pub async fn race_pool(pool: PgPoolOptions, options: PgConnectOptions) -> PgPool {
    let options = options.options([("synchronous_commit", "off")]);
    let pool = pool.max_connections(RACERS as u32 + 1).connect_with(options).await.unwrap();
    seed::definitions(&mut pool.acquire().await.unwrap()).await;
    pool
}

/// Owners that start from `state`, or without a history.
pub async fn owners(pool: &PgPool, owner: Owner, count: i64, state: Option<&str>) -> Vec<Subject> {
    let mut tx = pool.begin().await.unwrap();
    let task = seed::task(&mut tx).await;
    let mut subjects = match owner {
        Owner::Task => vec![task],
        Owner::Step => seed::steps(&mut tx, task, count).await,
    };
    while subjects.len() < count as usize {
        subjects.push(seed::task(&mut tx).await);
    }
    for &subject in &subjects {
        if let Some(state) = state {
            seed::record(&mut tx, subject, state).await;
        }
    }
    tx.commit().await.unwrap();
    subjects
}

/// Starts all racers at once in every round, one subject a round, and returns what became of them.
pub async fn race<T: Send + 'static>(pool: &PgPool, subjects: &[Subject], run: Run<T>) -> Vec<Vec<T>> {
    let start = Arc::new(Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|racer| {
            let (pool, subjects, start) = (pool.clone(), subjects.to_vec(), Arc::clone(&start));
            tokio::spawn(async move {
                let mut connection = pool.acquire().await.unwrap();
                let mut results = Vec::with_capacity(subjects.len());
                for subject in subjects {
                    start.wait().await;
                    results.push(run(racer, &mut connection, subject).await);
                }
                results
            })
        })
        .collect();
    let mut rounds: Vec<Vec<T>> = subjects.iter().map(|_| Vec::with_capacity(RACERS)).collect();
    for racer in racers {
        for (round, result) in rounds.iter_mut().zip(racer.await.unwrap()) {
            round.push(result.expect("a racer met an error"));
        }
    }
    rounds
}

/// One row has the flag, it is the last, and it says `state`.
pub async fn assert_settled(pool: &PgPool, subjects: &[Subject], state: &str) {
    let mut connection = pool.acquire().await.unwrap();
    for &subject in subjects {
        let rows = history(&mut connection, subject).await;
        let flagged: Vec<bool> = rows.iter().map(|row| row.most_recent).collect();
        assert!(flagged.iter().rev().copied().eq((0..rows.len()).map(|index| index == 0)), "{rows:?}");
        assert_eq!(rows.last().unwrap().to_state, state);
    }
}
