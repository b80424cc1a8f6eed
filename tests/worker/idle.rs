//! What a worker costs that has nothing to do.

use crate::support::{all, chain, create, done, eventually, options, start, waiting_tasks};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use tasker_core::worker::{StepHandler, WorkerOptions};

/// The statements of a worker without tasks, and the seconds of its life. A slower machine only makes it fewer.
async fn statements_of(pool: &PgPool, recovery: Option<Duration>) -> (u64, f64) {
    let template = chain("order", &["pay"]);
    let options = WorkerOptions { recovery, ..options() };
    let began = Instant::now();
    let worker = start(pool, [all(&template, &StepHandler::new(done))], options).await;
    eventually("four seconds to be over", async || began.elapsed() >= Duration::from_secs(4)).await;
    let totals = worker.stop().await;
    assert_eq!(totals.started, 0);
    (totals.statements, began.elapsed().as_secs_f64())
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn is_at_most_one_statement_a_second(pool: PgPool) {
    create(&chain("other", &["pay"]), &pool).await;
    let (statements, seconds) = statements_of(&pool, None).await;
    assert!(statements as f64 <= seconds + 1.0, "{statements} statements in {seconds} s");
    assert!(statements >= 1, "it looks");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn is_the_same_with_ten_thousand_tasks_that_wait(pool: PgPool) {
    waiting_tasks(&chain("order", &["pay"]), 10_000, &pool).await;
    let (statements, seconds) = statements_of(&pool, Some(Duration::from_secs(30))).await;
    assert!(statements as f64 <= seconds + 1.0, "{statements} statements in {seconds} s");
    assert!(statements >= 1, "it looks");
}
