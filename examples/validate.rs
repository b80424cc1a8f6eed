//! Creates records in the database that `DATABASE_URL` names, each in a transaction that is rolled back, to see what is refused.
//!
//! It reads one JSON object a line: `model` and `attributes`, by the names of the columns. For each it writes one line: `{"errors": []}` for a
//! record that was created, `{"errors": [["name", "can't be blank"]]}` for one that is invalid, or `{"error": "…"}`.
//!
//! `cargo run --example validate < records.jsonl`; `spec/integration/rust_validations_spec.rb` compares its answers with those of ActiveRecord.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use std::io::{BufRead, stdin};
use tasker_core::Error;
use tasker_core::models::{
    Invalid, New, NewAnnotationType, NewDependentSystem, NewDependentSystemObjectMap, NewNamedStep,
    NewNamedTask, NewNamedTasksNamedStep, NewTask, NewTaskAnnotation, NewTaskNamespace, NewTaskTransition,
    NewWorkflowStep, NewWorkflowStepEdge, NewWorkflowStepTransition,
};

#[derive(Deserialize)]
struct Line {
    model: String,
    attributes: Map<String, Value>,
}

type Failure = Box<dyn std::error::Error>;

async fn refusals(new: impl New, pool: &PgPool) -> Result<Value, Failure> {
    let mut transaction = pool.begin().await?;
    match new.create(&mut *transaction).await {
        Ok(_) => Ok(json!({ "errors": [] })),
        Err(Error::Invalid(Invalid { errors, .. })) => {
            let errors: Vec<_> = errors.iter().map(|error| (error.field, &error.message)).collect();
            Ok(json!({ "errors": errors }))
        }
        Err(other) => Err(other.into()),
    }
}

/// Sets the fields that a line has; an attribute without a field is an error.
macro_rules! with {
    ($new:expr, $attributes:expr, [$($field:ident),*]) => {{
        let mut new = $new;
        for (name, value) in $attributes {
            match name.as_str() {
                $(stringify!($field) => new.$field = serde_json::from_value(value)?,)*
                other => return Err(format!("unknown attribute: expected a field of the model, got `{other}`").into()),
            }
        }
        new
    }};
}

async fn answer(line: &str, pool: &PgPool) -> Result<Value, Failure> {
    let Line { model, attributes } = serde_json::from_str(line)?;
    match model.as_str() {
        "TaskNamespace" => {
            refusals(with!(NewTaskNamespace::new(""), attributes, [name, description]), pool).await
        }
        "NamedTask" => {
            let new =
                with!(NewNamedTask::new("", 0), attributes, [name, task_namespace_id, version, description]);
            refusals(new, pool).await
        }
        "DependentSystem" => {
            refusals(with!(NewDependentSystem::new(""), attributes, [name, description]), pool).await
        }
        "DependentSystemObjectMap" => {
            let new = NewDependentSystemObjectMap::new(0, "", 0, "");
            let new = with!(
                new,
                attributes,
                [dependent_system_one_id, remote_id_one, dependent_system_two_id, remote_id_two]
            );
            refusals(new, pool).await
        }
        "NamedStep" => {
            let new = with!(NewNamedStep::new("", 0), attributes, [name, dependent_system_id, description]);
            refusals(new, pool).await
        }
        "NamedTasksNamedStep" => {
            let new = with!(NewNamedTasksNamedStep::new(0, 0), attributes, [named_task_id, named_step_id]);
            refusals(new, pool).await
        }
        "Task" => {
            let new = NewTask::new(0, Value::Null);
            let new = with!(new, attributes, [named_task_id, context, identity_hash, initiator, reason]);
            refusals(new, pool).await
        }
        "WorkflowStep" => {
            refusals(with!(NewWorkflowStep::new(0, 0), attributes, [task_id, named_step_id]), pool).await
        }
        "WorkflowStepEdge" => {
            let new = with!(NewWorkflowStepEdge::new(0, 0), attributes, [from_step_id, to_step_id, name]);
            refusals(new, pool).await
        }
        "AnnotationType" => {
            refusals(with!(NewAnnotationType::new(""), attributes, [name, description]), pool).await
        }
        "TaskAnnotation" => {
            let new = NewTaskAnnotation::new(0, 0);
            refusals(with!(new, attributes, [task_id, annotation_type_id, annotation]), pool).await
        }
        "TaskTransition" => {
            let new = NewTaskTransition::new(0, "", 0);
            let new =
                with!(new, attributes, [task_id, to_state, from_state, sort_key, metadata, most_recent]);
            refusals(new, pool).await
        }
        "WorkflowStepTransition" => {
            let new = NewWorkflowStepTransition::new(0, "", 0);
            let new = with!(
                new,
                attributes,
                [workflow_step_id, to_state, from_state, sort_key, metadata, most_recent]
            );
            refusals(new, pool).await
        }
        other => Err(format!("unknown model: expected one of the engine's, got `{other}`").into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL should name a database with the engine's tables")?;
    let pool = PgPool::connect(&url).await?;
    for line in stdin().lock().lines() {
        let answer = answer(&line?, &pool).await;
        println!("{}", answer.unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Ok(())
}
