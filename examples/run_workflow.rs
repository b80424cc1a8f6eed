//! A whole workflow in Rust: creates a task of three steps and runs it.
//!
//!     DATABASE_URL=… cargo run --example run_workflow
//!
//! `rake spec:rust` runs it.

use serde_json::{Value, json};
use sqlx::PgPool;
use std::error::Error;
use tasker_core::ids::TaskId;
use tasker_core::run::{Options, Outcome, StepExecution, StepFailure, run_workflow};
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: expected the URL of a database with the engine's tables")?;
    let pool = PgPool::connect(&url).await?;

    let template = TaskTemplate { namespace: "shop".into(), ..TaskTemplate::new("order") }
        .step(StepTemplate::new("bank", "reserve"))
        .step(StepTemplate::new("bank", "pay").after("reserve"))
        .step(StepTemplate::new("mail", "confirm").after("pay"));
    let request =
        TaskRequest { namespace: "shop".into(), ..TaskRequest::new("order", &json!({ "cart": 7 }))? };
    let task = TaskId(template.create(&request, &pool).await?.task_id);

    let handler = async |step: StepExecution| -> Result<Value, StepFailure> {
        match &*step.name {
            "reserve" => Ok(json!({ "amount": 120 })),
            "pay" => {
                let mut connection = pool.acquire().await.map_err(StepFailure::new)?;
                let parents = step.parents(&mut *connection).await.map_err(StepFailure::new)?;
                Ok(json!({ "paid": parents[0].results.as_deref() }))
            }
            "confirm" => Ok(json!({ "sent": true })),
            other => Err(StepFailure {
                is_permanent: true,
                ..StepFailure::new(format!("no handler for {other:?}"))
            }),
        }
    };
    let mut connection = pool.acquire().await?;
    match run_workflow(&mut *connection, task, Options::default(), handler).await? {
        Outcome::Complete => println!("task {task} is complete"),
        other => return Err(format!("task {task} should be complete, got {other:?}").into()),
    }
    Ok(())
}
