//! The rows that scopes choose from.

use crate::database::engine;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

/// Random rows beside the engine's view, in a transaction that is never committed. The seed is printed.
pub async fn world(pool: &PgPool) -> Transaction<'static, Postgres> {
    let mut tx = pool.begin().await.unwrap();
    fill(&mut tx, seed()).await;
    tx
}

pub async fn fill(connection: &mut sqlx::PgConnection, seed: f64) {
    println!("setseed({seed})");
    sqlx::query("select setseed($1)").bind(seed).execute(&mut *connection).await.unwrap();
    sqlx::raw_sql(include_str!("world.sql")).execute(&mut *connection).await.unwrap();
    engine::install_view(connection).await;
}

/// From `TASKER_CORE_SEED`, for `setseed`.
pub fn seed() -> f64 {
    let seed: u64 = std::env::var("TASKER_CORE_SEED").map_or(7, |seed| seed.parse().unwrap());
    (seed % 1_000_000) as f64 / 1_000_000.0
}

/// The keys that a statement of a test's own finds, in their order.
pub async fn keys(connection: &mut sqlx::PgConnection, sql: &str) -> Vec<i64> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap()
}
