//! Several connections that create the steps of one task.

use crate::support::racers::{owners, race, race_pool};
use crate::support::seed::AT;
use crate::support::templates::{define_all, diamond};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tasker_core::ids::TaskId;
use tasker_core::machine::Owner;
use tasker_core::operations::sequence::create_steps;
use tasker_core::store::Connection;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_are_created_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    define_all(&mut pool.acquire().await.unwrap(), &diamond()).await;
    let tasks = owners(&pool, Owner::Task, 1_000, None).await;
    let rounds = race(&pool, &tasks, |_, connection, task| {
        Box::pin(async move {
            create_steps(&mut Connection(connection), TaskId(task.id), &diamond(), "{}", AT).await
        })
    })
    .await;
    for (index, round) in rounds.iter().enumerate() {
        assert_eq!(round.iter().filter(|created| created.is_some()).count(), 1, "round {index}: {round:?}");
    }
    pool.close().await;
}
