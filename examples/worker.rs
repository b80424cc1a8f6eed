//! A worker in Rust: creates three tasks of two steps and runs them, then ends. A real one runs until SIGTERM.
//!
//!     DATABASE_URL=… cargo run --features worker --example worker
//!
//! `rake spec:rust` runs it.

use serde_json::json;
use sqlx::PgPool;
use std::error::Error;
use std::time::Duration;
use tasker_core::ids::TaskId;
use tasker_core::models::{Model, Task};
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
use tasker_core::worker::{
    CancellationToken, HandlerResult, Registry, Step, StepHandler, TaskHandlers, Worker, WorkerOptions,
};

/// Does not block, so many of them run at the same time.
async fn reserve(step: Step) -> HandlerResult {
    Ok(json!({ "cart": step.context().await?["cart"] }))
}

/// Blocks, so it has a thread of its own.
fn pay(step: Step) -> HandlerResult {
    let parents = step.parents_blocking()?;
    Ok(json!({ "paid": parents.results("reserve")?["cart"], "key": step.idempotency_key() }))
}

/// Cancels `shutdown` when these tasks are complete. A process that is meant to stay waits for SIGTERM instead.
async fn stop_when_complete(
    tasks: Vec<i64>,
    pool: PgPool,
    shutdown: CancellationToken,
) -> Result<(), tasker_core::Error> {
    for task in tasks {
        while !Task::find(task, &pool).await?.complete {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    shutdown.cancel();
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: expected the URL of a database with the engine's tables")?;
    let template = TaskTemplate { namespace: "shop".into(), ..TaskTemplate::new("checkout") }
        .step(StepTemplate::new("bank", "reserve"))
        .step(StepTemplate::new("bank", "pay").after("reserve"));

    let handlers = TaskHandlers::of(&template)
        .step("reserve", StepHandler::new(reserve).at_most(10).timeout(Duration::from_secs(60)))
        .step("pay", StepHandler::blocking(pay));
    let worker = Worker::start(url.parse()?, Registry::new([handlers])?, WorkerOptions::default()).await?;

    let (pool, mut tasks) = (PgPool::connect(&url).await?, Vec::new());
    for cart in 1..=3 {
        let request = TaskRequest {
            namespace: "shop".into(),
            ..TaskRequest::new("checkout", &json!({ "cart": cart }))?
        };
        let task = template.create(&request, &pool).await?.task_id;
        // Without this the worker finds it by itself, within five seconds.
        worker.wake_ups().wake_task(TaskId(task));
        tasks.push(task);
    }
    let shutdown = CancellationToken::new();
    tokio::spawn(stop_when_complete(tasks, pool, shutdown.clone()));
    let totals = worker.run(shutdown).await;
    println!("{} tasks complete", totals.complete);
    if totals.complete == 3 {
        Ok(())
    } else {
        Err(format!("expected 3 complete tasks, got {totals:?}").into())
    }
}
