//! A worker whose handlers follow a script, on the database that `DATABASE_URL` names, beside a Rails application.
//!
//! Its first argument is a JSON object: `namespace`, `name` and `version` of the tasks, `steps` that it executes, `grace` of recovery in seconds,
//! `statement`, run by each attempt with the step's id as `$1`, and `fails`, how many attempts of a step fail before one succeeds. It writes `ready`
//! when it has the worker's lock, and ends when its standard input does or on SIGTERM.
//!
//! `cargo run --features worker --example run_worker '{"namespace": "shop", "name": "order", "version": "0.1.0", "steps": ["pay"]}'`

use serde::Deserialize;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use std::collections::HashMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tasker_core::run::StepFailure;
use tasker_core::worker::{
    CancellationToken, HandlerResult, Registry, Step, StepHandler, TaskHandlers, TaskKind, Worker,
    WorkerOptions,
};
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Deserialize)]
struct Script {
    namespace: String,
    name: String,
    version: String,
    steps: Vec<String>,
    #[serde(default)]
    grace: Option<f64>,
    #[serde(default)]
    statement: Option<String>,
    #[serde(default)]
    fails: HashMap<String, i32>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL should name a database with the engine's tables")?;
    let script = std::env::args().nth(1).ok_or("expected a script as the first argument, got nothing")?;
    let script: Arc<Script> = Arc::new(serde_json::from_str(&script)?);
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy(&url)?;

    let of_handler = Arc::clone(&script);
    let handler = StepHandler::new(move |step: Step| {
        let (script, pool) = (Arc::clone(&of_handler), pool.clone());
        async move { execute(&script, &pool, &step).await }
    });
    let kind = TaskKind {
        namespace: script.namespace.clone(),
        name: script.name.clone(),
        version: script.version.clone(),
    };
    let handlers = script
        .steps
        .iter()
        .fold(TaskHandlers::new(kind), |handlers, step| handlers.step(step, handler.clone()));
    let recovery = script.grace.map(Duration::from_secs_f64);
    let options = WorkerOptions { tasks: 4, recovery, ..WorkerOptions::default() };
    let worker = Worker::start(url.parse()?, Registry::new([handlers])?, options).await?;
    println!("ready");

    let shutdown = CancellationToken::new();
    let ended = shutdown.clone();
    tokio::spawn(async move {
        asked_to_end().await;
        ended.cancel();
    });
    let totals = worker.run(shutdown).await;
    println!(
        "{}",
        json!({ "complete": totals.complete, "handed_over": totals.handed_over, "looks": totals.looks })
    );
    // The read of the standard input does not end with the runtime.
    std::process::exit(0)
}

async fn execute(script: &Script, pool: &sqlx::PgPool, step: &Step) -> HandlerResult {
    if let Some(statement) = &script.statement {
        // A process may be killed between the two statements.
        for statement in statement.split(';') {
            let statement = sqlx::query(sqlx::AssertSqlSafe(statement));
            let written = statement.bind(step.id.0).bind(i64::from(std::process::id())).execute(pool).await;
            written.map_err(StepFailure::new)?;
        }
    }
    if step.attempts < script.fails.get(&*step.name).copied().unwrap_or(0) {
        return Err(StepFailure::new(format!("{} does not work", step.name)));
    }
    Ok(json!({ "step": step.name, "by": "rust" }))
}

async fn asked_to_end() {
    let mut byte = [0];
    let mut input = tokio::io::stdin();
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = input.read(&mut byte) => {}
        _ = terminated.recv() => {}
    }
}
