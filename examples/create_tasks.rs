//! Creates tasks from templates in the database that `DATABASE_URL` names, as a Rails application with the engine would.
//!
//! It reads one JSON object a line: `template` (the text of a task file), `environment` (optional), `request`, and `identity` (`hash`, or
//! random where there is none). For each it writes one line: `{"task_id": 7, "identity": "…"}`, where `identity` is the text that the identity
//! hash is made of, or `{"error": "…"}`.
//!
//! `cargo run --example create_tasks < requests.jsonl`; `spec/integration/rust_templates_spec.rb` compares its rows with those of Rails.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::PgPool;
use std::io::{BufRead, stdin};
use std::sync::Mutex;
use tasker_core::models::{HashIdentity, IdentityOptions, IdentityStrategy, RandomIdentity, Task};
use tasker_core::templates::{TaskRequest, TaskTemplate};

#[derive(Deserialize)]
struct Line {
    template: String,
    environment: Option<String>,
    request: Box<RawValue>,
    identity: Option<String>,
}

/// Keeps the text that identity hashes are made of.
struct Recorded<'a>(&'a dyn IdentityStrategy, Mutex<String>);

impl IdentityStrategy for Recorded<'_> {
    fn identity_hash(&self, task: &Task, options: &IdentityOptions) -> String {
        if let Ok(mut text) = self.1.lock() {
            *text = options.to_json();
        }
        self.0.identity_hash(task, options)
    }
}

async fn create(line: &str, pool: &PgPool) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let line: Line = serde_json::from_str(line)?;
    let template = TaskTemplate::from_yaml(&line.template, line.environment.as_deref())?;
    let request = TaskRequest::from_json(line.request.get())?;
    let strategy: &dyn IdentityStrategy = match line.identity.as_deref() {
        None => &RandomIdentity,
        Some("hash") => &HashIdentity,
        Some(other) => return Err(format!("identity should be hash, or not there, got {other:?}").into()),
    };
    let recorded = Recorded(strategy, Mutex::default());
    let task = template.create_identified(&request, &recorded, pool).await?;
    Ok(json!({ "task_id": task.task_id, "identity": recorded.1.into_inner()? }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL should name a database with the engine's tables")?;
    let pool = PgPool::connect(&url).await?;
    for line in stdin().lock().lines() {
        let answer = create(&line?, &pool).await;
        println!("{}", answer.unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Ok(())
}
