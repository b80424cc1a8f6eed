//! `recover`

use crate::arguments::RecoverOptions;
use crate::connection::Database;
use crate::exit_status::Failure;
use crate::output::Answer;
use serde_json::json;
use std::fmt::Display;
use tasker_core::worker::WorkerError;
use tasker_core::worker::recovery::{RecoveryReport, recover};

pub async fn run(database: &Database, options: &RecoverOptions) -> Result<Answer, Failure> {
    // The tables are compared, and a server that does not answer is named, before anything is waited for.
    drop(database.questions().await?);
    let report = recover(&database.connect_options()?, options.grace, options.dry_run).await;
    let report = report.map_err(|error| match error {
        WorkerError::Database(error) => Failure::Statement(error.to_string()),
        error => Failure::Unreachable(error.to_string()),
    })?;
    let good = report.failed.is_empty();
    Ok(if options.json { as_json(&report) } else { as_text(&report) }.good(good))
}

fn as_json(report: &RecoveryReport) -> Answer {
    let ids = |ids: &[tasker_core::ids::TaskId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    Answer::json(&json!({
        "dry_run": report.dry_run,
        // Keys of 64 bits are texts, as in the metadata of claims: JSON's numbers do not hold them.
        "workers": report.workers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "steps": report.steps.iter().map(|step| step.0).collect::<Vec<_>>(),
        "tasks": ids(&report.tasks),
        "pending": ids(&report.pending),
        "failed": report.failed,
        "suspects": report.suspects.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))
}

fn as_text(report: &RecoveryReport) -> Answer {
    let mut text = report.to_string();
    let mut list = |name: &str, items: Vec<String>, between: &str| {
        if !items.is_empty() {
            text.push_str(&format!("\n  {name}: {}", items.join(between)));
        }
    };
    list("workers", texts(&report.workers), ", ");
    list("steps", texts(&report.steps), ", ");
    list("tasks", texts(&report.tasks), ", ");
    list("failed", report.failed.clone(), "\n    ");
    list("suspects", texts(&report.suspects), ", ");
    Answer::text(text)
}

fn texts<T: Display>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}
