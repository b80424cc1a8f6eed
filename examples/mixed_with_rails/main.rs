//! The Rust half of a workflow whose other half is a Rails application: executes the step `charge` of the tasks that `order_handler.rb` creates.
//!
//!     DATABASE_URL=… cargo run --features worker --example mixed_with_rails
//!
//! It runs until SIGTERM, or until its standard input ends. `spec/integration/mixed_with_rails_spec.rb` runs both halves.

use serde_json::json;
use std::error::Error;
use tasker_core::worker::{
    CancellationToken, HandlerResult, Registry, Step, StepHandler, TaskHandlers, TaskKind, Worker,
    WorkerOptions,
};
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

async fn charge(step: Step) -> HandlerResult {
    let parents = step.parents().await?;
    let amount = &parents.results("reserve")?["amount"];
    Ok(json!({ "charged": amount, "key": step.idempotency_key(), "by": "rust" }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: expected the URL of the Rails application's database")?;
    let order = TaskKind { namespace: "shop".into(), name: "mixed_order".into(), version: "1.0.0".into() };
    let handlers = TaskHandlers::new(order).step("charge", StepHandler::new(charge));
    let worker = Worker::start(url.parse()?, Registry::new([handlers])?, WorkerOptions::default()).await?;
    println!("ready");

    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        let (mut input, mut byte) = (tokio::io::stdin(), [0]);
        tokio::select! {
            _ = terminated.recv() => {}
            _ = input.read(&mut byte) => {}
        }
        stop.cancel();
    });
    let totals = worker.run(shutdown).await;
    println!("{} tasks handed over", totals.handed_over);
    // The thread that reads the standard input does not end with the runtime.
    std::process::exit(0)
}
