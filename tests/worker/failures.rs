//! Handlers that fail, panic or never return. The worker goes on.

use crate::support::{all, chain, create, done, eventually, execute, history, options, reaches, row, start};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tasker_core::ids::TaskId;
use tasker_core::run::StepFailure;
use tasker_core::worker::{HandlerResult, Step, StepHandler, TaskHandlers};

/// Runs a task whose only step has that handler, to its end in error, and another task after it.
async fn error_of(handler: StepHandler, pool: &PgPool) -> Value {
    let (broken, sound) = (chain("broken", &["pay"]), chain("sound", &["pay"]));
    let handlers = [TaskHandlers::of(&broken).step("pay", handler), all(&sound, &StepHandler::new(done))];
    let worker = start(pool, handlers, options()).await;
    let task = create(&broken, pool).await;
    execute("update tasker_workflow_steps set retry_limit = 1", pool).await;
    worker.wake_ups.wake();
    reaches(task, "error", pool).await;
    assert_eq!(history(task, "pay", pool).await, ["in_progress", "error"]);
    let next = create(&sound, pool).await;
    worker.wake_ups.wake_task(next);
    reaches(next, "complete", pool).await;
    let totals = worker.stop().await;
    assert_eq!((totals.complete, totals.blocked, totals.failed), (1, 1, 0));
    row(task, "pay", pool).await["results"].clone()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_handler_that_panics(pool: PgPool) {
    let handler = StepHandler::new(|_: Step| async { panic!("out of ink") });
    let results = error_of(handler, &pool).await;
    assert_eq!(results["error"], "the handler has panicked: out of ink");
    assert_eq!(results["error_class"], "panic");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_blocking_handler_that_panics(pool: PgPool) {
    let handler = StepHandler::blocking(|_: Step| -> HandlerResult { panic!("out of {}", "ink") });
    let results = error_of(handler, &pool).await;
    assert_eq!(results["error"], "the handler has panicked: out of ink");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_handler_that_never_returns(pool: PgPool) {
    let handler = StepHandler::new(|_: Step| pending()).timeout(Duration::from_millis(50));
    let results = error_of(handler, &pool).await;
    assert_eq!(results["error"], r#"expected an end of the handler of step "pay" within 50ms, got none"#);
    assert_eq!(results["error_class"], "timeout");
}

/// Its thread cannot be ended; its step's token is cancelled.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_blocking_handler_that_takes_too_long(pool: PgPool) {
    let ended = Arc::new(AtomicBool::new(false));
    let ending = Arc::clone(&ended);
    let handler = StepHandler::blocking(move |step: Step| {
        while !step.cancelled.is_cancelled() {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        ending.store(true, Ordering::Release);
        Ok(json!({ "late": true }))
    });
    let results = error_of(handler.timeout(Duration::from_millis(50)), &pool).await;
    assert_eq!((&results["error_class"], &results["late"]), (&json!("timeout"), &Value::Null));
    eventually("the thread to end", async || ended.load(Ordering::Acquire)).await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_handler_that_asks_for_a_longer_wait_and_gives_up_later(pool: PgPool) {
    let template = chain("order", &["pay"]);
    let handler = StepHandler::new(|step: Step| async move {
        match step.attempts {
            0 => Err(StepFailure { backoff_seconds: Some(3), ..StepFailure::new("busy") }),
            _ => Err(StepFailure { is_permanent: true, ..StepFailure::new("refused") }),
        }
    });
    let worker = start(&pool, [all(&template, &handler)], options()).await;
    let task = create(&template, &pool).await;
    eventually("two attempts", async || history(task, "pay", &pool).await.len() == 5).await;
    reaches(task, "pending", &pool).await;
    let step = row(task, "pay", &pool).await;
    assert_eq!((&step["retryable"], &step["results"]["error"]), (&json!(false), &json!("refused")));
    assert!(waited(task, &pool).await >= 3.0);
    worker.stop().await;
}

async fn waited(task: TaskId, pool: &PgPool) -> f64 {
    sqlx::query_scalar(
        "select extract(epoch from max(t.created_at) filter (where t.sort_key = 30) - max(t.created_at) filter (where t.sort_key = 20))::float8
         from tasker_workflow_step_transitions t join tasker_workflow_steps s using (workflow_step_id) where s.task_id = $1",
    )
    .bind(task.0)
    .fetch_one(pool)
    .await
    .unwrap()
}
