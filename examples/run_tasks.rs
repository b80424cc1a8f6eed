//! Runs tasks in the database that `DATABASE_URL` names, as a Rails application with the engine would, with handlers that follow a script.
//!
//! It reads one JSON object a line: `task_id`, `slots`, `results` of each step by name, and `fails`, how many attempts of a step fail before one
//! succeeds. For each it writes one line: `{"outcome": "…"}`.
//!
//! `cargo run --example run_tasks < tasks.jsonl`

use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, stdin};
use std::num::NonZeroU32;
use tasker_core::ids::TaskId;
use tasker_core::run::{Options, Outcome, StepExecution, StepFailure, run_workflow};

#[derive(Deserialize)]
struct Line {
    task_id: i64,
    slots: NonZeroU32,
    results: HashMap<String, Value>,
    fails: HashMap<String, i32>,
}

async fn run(line: &str, pool: &PgPool) -> Result<Outcome, Box<dyn Error>> {
    let Line { task_id, slots, results, fails } = serde_json::from_str(line)?;
    let handler = async |step: StepExecution| {
        if step.attempts < fails.get(&*step.name).copied().unwrap_or(0) {
            let error = format!("{} does not work", step.name);
            return Err(StepFailure { error_class: "RuntimeError".into(), ..StepFailure::new(error) });
        }
        results.get(&*step.name).cloned().ok_or_else(|| StepFailure::new("no results"))
    };
    let mut connection = pool.acquire().await?;
    Ok(run_workflow(&mut *connection, TaskId(task_id), Options { slots, ..Options::default() }, handler)
        .await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL should name a database with the engine's tables")?;
    let pool = PgPool::connect(&url).await?;
    for line in stdin().lock().lines() {
        let outcome = run(&line?, &pool).await?;
        println!("{}", json!({ "outcome": format!("{outcome:?}") }));
    }
    Ok(())
}
