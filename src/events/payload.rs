//! The engine's payloads.

use super::event::{milliseconds, seconds};
use crate::ids::{StepId, TaskId};
use crate::state::State;
use crate::time::Timestamp;
use serde_json::{Map, Value, json};

/// A transition.
pub(super) struct Moved {
    pub task: TaskId,
    pub from: Option<String>,
    pub to: State,
    pub at: Timestamp,
}

/// As `TaskStateMachine` publishes it after a transition.
pub(super) fn of_task(moved: &Moved, name: &str, context: Value) -> Map<String, Value> {
    object(json!({
        "task_id": moved.task,
        "task_name": name,
        "task_context": context,
        "from_state": moved.from,
        "to_state": moved.to,
        "transitioned_at": milliseconds(moved.at),
        "timestamp": milliseconds(moved.at),
    }))
}

/// The columns of a step that its payloads need.
pub(super) struct StepColumns {
    pub step: StepId,
    pub name: String,
    pub last_attempted_at: Option<Timestamp>,
    pub processed_at: Option<Timestamp>,
    pub attempts: Option<i32>,
    pub retry_limit: Option<i32>,
    pub inputs: Value,
    pub results: Value,
    pub parents: Vec<String>,
}

/// As `StepStateMachine` publishes it after a transition, by way of `EventPayloadBuilder`.
pub(super) fn of_step(moved: &Moved, row: StepColumns) -> Map<String, Value> {
    let kind = match moved.to {
        State::Complete => "completed",
        State::Error => "failed",
        State::InProgress => "started",
        _ => "unknown",
    };
    let mut payload = object(json!({
        "task_id": moved.task,
        "step_id": row.step,
        "step_name": row.name,
        "started_at": row.last_attempted_at.map(seconds),
        "completed_at": row.processed_at.map(seconds),
        "attempt_number": row.attempts.unwrap_or(1),
        "retry_limit": row.retry_limit,
        "event_type": kind,
        "timestamp": seconds(moved.at),
        "from_state": moved.from,
        "to_state": moved.to,
        "transitioned_at": milliseconds(moved.at),
    }));
    match moved.to {
        State::Complete => {
            payload.insert(
                "execution_duration".to_owned(),
                json!(duration(row.last_attempted_at, row.processed_at)),
            );
            insert_results(&mut payload, row.results);
        }
        State::Error => {
            payload.extend(failure(&row.results));
            insert_results(&mut payload, row.results);
        }
        State::InProgress => {
            payload.insert("step_inputs".to_owned(), row.inputs);
            payload.insert("step_dependencies".to_owned(), json!(row.parents));
        }
        _ => {}
    }
    payload
}

/// Seconds, to the millisecond; zero where an end of the span is missing.
fn duration(from: Option<Timestamp>, to: Option<Timestamp>) -> f64 {
    let (Some(from), Some(to)) = (from, to) else { return 0.0 };
    let micros = to.0.saturating_sub(from.0);
    // Exact up to 2^53 microseconds, which are 285 years.
    (micros as f64 / 1_000.0).round() / 1_000.0
}

fn failure(results: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let error = truthy(results.get("error")).cloned().unwrap_or_else(|| json!("Unknown error"));
    found.insert("error_message".to_owned(), error);
    found.insert("exception_class".to_owned(), json!("StandardError"));
    if let Some(backtrace) = truthy(results.get("backtrace")) {
        found.insert("backtrace".to_owned(), backtrace.clone());
    }
    found
}

/// What Ruby takes for true.
fn truthy(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null() && **value != Value::Bool(false))
}

/// Where they are `present?`.
fn insert_results(payload: &mut Map<String, Value>, results: Value) {
    let is_blank = match &results {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if !is_blank {
        payload.insert("step_results".to_owned(), results);
    }
}

/// As the engine announces the steps that may run next.
pub(super) fn of_viable_steps(task: TaskId, steps: &[StepId], at: Timestamp) -> Map<String, Value> {
    orchestration(
        "viable_steps_discovered",
        at,
        json!({
            "task_id": task,
            "step_ids": steps,
            "processing_mode": "concurrent",
            "step_count": steps.len(),
        }),
    )
}

/// As the engine announces that no step may run.
pub(super) fn of_no_viable_steps(task: TaskId, at: Timestamp) -> Map<String, Value> {
    orchestration("no_viable_steps", at, json!({ "task_id": task, "reason": "No steps ready for execution" }))
}

fn orchestration(kind: &str, at: Timestamp, context: Value) -> Map<String, Value> {
    let mut payload =
        object(json!({ "event_type": kind, "orchestration_event": true, "timestamp": seconds(at) }));
    payload.extend(object(context));
    payload
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
