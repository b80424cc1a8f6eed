//! A worker that is asked to end.

use crate::support::{all, chain, create, done, eventually, history, options, reaches, row, start, state};
use serde_json::json;
use sqlx::PgPool;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tasker_core::worker::{Step, StepHandler, WorkerOptions};
use tokio::sync::Semaphore;

/// The attempt at work ends, the next step is not begun, and another worker goes on.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_the_attempts_at_work_and_leaves_their_tasks(pool: PgPool) {
    let template = chain("order", &["a", "b", "c"]);
    let (began, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let of_handler = (Arc::clone(&began), Arc::clone(&go));
    let handler = StepHandler::new(move |_: Step| {
        let (began, go) = of_handler.clone();
        async move {
            began.add_permits(1);
            let _permit = go.acquire().await.unwrap();
            Ok(json!({}))
        }
    });
    let worker = start(&pool, [all(&template, &handler)], options()).await;
    let task = create(&template, &pool).await;
    began.acquire().await.unwrap().forget();
    worker.shut_down();
    let stopping = tokio::spawn(worker.stop());
    go.add_permits(1);
    let totals = stopping.await.unwrap();
    assert_eq!((totals.started, totals.pending), (1, 1));
    assert_eq!(state(task, &pool).await, "pending");
    assert_eq!(history(task, "a", &pool).await, ["in_progress", "complete"]);
    assert!(history(task, "b", &pool).await.is_empty());

    let next = start(&pool, [all(&template, &StepHandler::new(done))], options()).await;
    reaches(task, "complete", &pool).await;
    next.stop().await;
}

/// Beyond its patience the attempt fails, with a clear error and an attempt counted, so that it is retried.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn fails_attempts_that_do_not_end_in_time(pool: PgPool) {
    let template = chain("order", &["a"]);
    let options = WorkerOptions { drain: Duration::from_millis(10), ..options() };
    let worker = start(&pool, [all(&template, &StepHandler::new(|_: Step| pending()))], options).await;
    let task = create(&template, &pool).await;
    eventually("the claim", async || history(task, "a", &pool).await == ["in_progress"]).await;
    worker.stop().await;
    assert_eq!(state(task, &pool).await, "pending");
    let step = row(task, "a", &pool).await;
    assert_eq!(step["results"]["error"], "the worker was stopped, and the handler did not end in time");
    assert_eq!((&step["attempts"], &step["retryable"]), (&json!(1), &json!(true)));
}
