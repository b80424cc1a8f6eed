//! `ready`, `health` and `slowest`

use crate::arguments::{JsonOption, ReadyOptions, Slow, SlowestOptions};
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use crate::task_list::filtered;
use comfy_table::Cell;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tasker_core::functions::{Functions, SystemHealthCounts, SystemRecommendation};
use tasker_core::models::{Task, WorkflowStep};
use tasker_core::operations::slowest::{Choice, SlowStep, SlowTask};
use tasker_core::query::Query;
use tasker_core::time::Timestamp;

pub async fn ready(connection: &mut PgConnection, options: &ReadyOptions) -> Result<Answer, Failure> {
    let mut tasks = filtered(&options.filters);
    if let Some(task) = options.task {
        tasks = tasks.filter(Task::task_id.eq(task));
    }
    let query = Query::<WorkflowStep>::new().of_tasks(&tasks).ready().after(options.after, options.limit);
    let (steps, names) = query.all_with(WorkflowStep::NAMED_STEP, &mut *connection).await?;
    let name = |step: &WorkflowStep| names.of(step).first().map(|name| name.name.clone()).unwrap_or_default();
    if options.json {
        let row = |step: &WorkflowStep| json!({ "step_id": step.workflow_step_id, "task_id": step.task_id, "name": name(step), "attempts": step.attempts.unwrap_or(0) });
        return Ok(Answer::json(&steps.iter().map(row).collect()));
    }
    let rows = steps.iter().map(|step| {
        [
            Cell::new(step.workflow_step_id),
            Cell::new(step.task_id),
            Cell::new(name(step)),
            Cell::new(step.attempts.unwrap_or(0)),
        ]
    });
    Ok(Answer::text(output::table(["STEP", "TASK", "NAME", "ATTEMPTS"], rows)))
}

pub async fn health(connection: &mut PgConnection, options: &JsonOption) -> Result<Answer, Failure> {
    let counts = Functions::new(connection).native().system_health_counts().await?;
    let advice: Vec<&str> = counts.recommendations().into_iter().map(in_words).collect();
    if options.json {
        let mut object: serde_json::Map<String, Value> = named(&counts)
            .into_iter()
            .map(|(name, count)| (name.replace(' ', "_"), Value::from(count)))
            .collect();
        object.insert("health_score".to_owned(), json!(counts.health_score()));
        object.insert("recommendations".to_owned(), json!(advice));
        return Ok(Answer::json(&Value::Object(object)));
    }
    let rows = named(&counts).into_iter().map(|(name, count)| [Cell::new(name), Cell::new(count)]);
    let mut text = output::table(["COUNT", "NOW"], rows);
    text.push_str(&format!("\n\nhealth score {:.2}\n", counts.health_score()));
    for line in advice {
        text.push_str(&format!("- {line}\n"));
    }
    Ok(Answer::text(text))
}

fn named(counts: &SystemHealthCounts) -> [(&'static str, i64); 16] {
    [
        ("total tasks", counts.total_tasks),
        ("pending tasks", counts.pending_tasks),
        ("in progress tasks", counts.in_progress_tasks),
        ("complete tasks", counts.complete_tasks),
        ("error tasks", counts.error_tasks),
        ("cancelled tasks", counts.cancelled_tasks),
        ("total steps", counts.total_steps),
        ("pending steps", counts.pending_steps),
        ("in progress steps", counts.in_progress_steps),
        ("complete steps", counts.complete_steps),
        ("error steps", counts.error_steps),
        ("retryable error steps", counts.retryable_error_steps),
        ("exhausted retry steps", counts.exhausted_retry_steps),
        ("in backoff steps", counts.in_backoff_steps),
        ("active connections", counts.active_connections),
        ("max connections", counts.max_connections),
    ]
}

fn in_words(recommendation: SystemRecommendation) -> &'static str {
    match recommendation {
        SystemRecommendation::ResolveExhaustedSteps => "steps have no attempt left: resolve or retry them",
        SystemRecommendation::InvestigateFailures => "more tasks have failed than are complete: investigate",
        SystemRecommendation::RaiseConnectionLimit => "more than four fifths of the connections are busy",
        SystemRecommendation::AwaitRetries => "steps wait for their retry: nothing needs to be done",
    }
}

pub async fn slowest(connection: &mut PgConnection, options: &SlowestOptions) -> Result<Answer, Failure> {
    let text = |text: &Option<String>| text.as_deref().map(Box::from);
    let choice = Choice {
        since: Some(Timestamp::from(options.since)),
        limit: Some(options.limit),
        namespace: text(&options.filters.namespace),
        task_name: text(&options.filters.name),
        version: text(&options.filters.version),
    };
    let mut functions = Functions::new(connection);
    let mut native = functions.native();
    Ok(match options.kind {
        Slow::Steps => slow_steps(&native.slowest_steps(&choice).await?, options.json),
        Slow::Tasks => slow_tasks(&native.slowest_tasks(&choice).await?, options.json),
    })
}

fn slow_steps(steps: &[SlowStep], json: bool) -> Answer {
    if json {
        let row = |step: &SlowStep| {
            json!({
                "step_id": step.step.0, "task_id": step.task.0, "name": step.name, "seconds": step.seconds,
                "namespace": step.definition.namespace, "task_name": step.definition.task_name,
                "version": step.definition.version, "attempts": step.attempts, "complete_at": step.complete_at.to_sql(),
            })
        };
        return Answer::json(&steps.iter().map(row).collect());
    }
    let rows = steps.iter().map(|step| {
        [
            Cell::new(step.seconds),
            Cell::new(step.step),
            Cell::new(step.task),
            Cell::new(&step.name),
            Cell::new(format!("{}/{}", step.definition.namespace, step.definition.task_name)),
            Cell::new(step.attempts.unwrap_or(0)),
        ]
    });
    Answer::text(output::table(["SECONDS", "STEP", "TASK", "NAME", "OF", "ATTEMPTS"], rows))
}

fn slow_tasks(tasks: &[SlowTask], json: bool) -> Answer {
    if json {
        let row = |task: &SlowTask| {
            json!({
                "task_id": task.task.0, "seconds": task.seconds, "namespace": task.definition.namespace,
                "name": task.definition.task_name, "version": task.definition.version, "steps": task.steps,
                "complete": task.complete, "failed": task.failed, "ended_at": task.ended_at.to_sql(),
            })
        };
        return Answer::json(&tasks.iter().map(row).collect());
    }
    let rows = tasks.iter().map(|task| {
        [
            Cell::new(task.seconds),
            Cell::new(task.task),
            Cell::new(format!("{}/{}", task.definition.namespace, task.definition.task_name)),
            Cell::new(task.steps),
            Cell::new(task.complete),
            Cell::new(task.failed),
        ]
    });
    Answer::text(output::table(["SECONDS", "TASK", "NAME", "STEPS", "COMPLETE", "FAILED"], rows))
}
