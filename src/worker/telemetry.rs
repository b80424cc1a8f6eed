//! Spans and metrics.
//!
//! Spans have the names and attributes of the engine's own OpenTelemetry spans, and the fields that `tracing-opentelemetry` reads
//! (`otel.kind`, `otel.status_code`, `otel.status_description`). Metrics go through the facade of the crate `metrics`; names end in their unit.

use super::recovery::RecoveryReport;
use crate::error::Error;
use crate::ids::TaskId;
use crate::operations::task_kinds::TaskKind;
use crate::run::{Outcome, StepExecution, StepFailure};
use metrics::{counter, gauge, histogram};
use std::time::Duration;
use tracing::Span;
use tracing::field::Empty;

/// Names of metrics.
pub mod names {
    /// Counter: looks for tasks.
    pub const LOOKS: &str = "tasker.worker.looks";
    /// Counter: tasks that were started.
    pub const STARTED: &str = "tasker.task.started";
    /// Counter by `task` and `outcome`: runs that are over.
    pub const RUNS: &str = "tasker.task.runs";
    /// Gauge: tasks that run now.
    pub const RUNNING: &str = "tasker.task.running";
    /// Counter by `task`, `step` and `result`: attempts that are over.
    pub const ATTEMPTS: &str = "tasker.step.attempts";
    /// Histogram by `task` and `step`, in seconds: attempts, without the wait for their turn.
    pub const DURATION: &str = "tasker.step.duration_seconds";
    /// Histogram by `task` and `step`, in seconds: the wait of claimed steps for their turn.
    pub const WAIT: &str = "tasker.step.wait_seconds";
    /// Counter by `kind` (worker, step, task): what recovery has moved.
    pub const RECOVERED: &str = "tasker.recovery.recovered";
}

pub(super) fn task_span(task: TaskId, kind: &TaskKind) -> Span {
    tracing::info_span!(
        "tasker.task.execution",
        otel.kind = "consumer",
        otel.status_code = Empty,
        otel.status_description = Empty,
        tasker.task_id = task.0,
        tasker.task_name = %kind.name,
        tasker.task_namespace = %kind.namespace,
        tasker.task_version = %kind.version,
        tasker.outcome = Empty,
    )
}

pub(super) fn step_span(execution: &StepExecution) -> Span {
    tracing::info_span!(
        "tasker.step.execution",
        otel.kind = "internal",
        otel.status_code = Empty,
        otel.status_description = Empty,
        error.r#type = Empty,
        tasker.task_id = execution.task.0,
        tasker.step_id = execution.step.0,
        tasker.step_name = %execution.name,
        tasker.attempt_number = execution.attempts + 1,
        tasker.retry_limit = execution.retry_limit,
    )
}

/// An attempt is over.
pub(super) fn attempted(
    span: &Span,
    kind: &TaskKind,
    step: &str,
    took: Duration,
    failure: Option<&StepFailure>,
) {
    let result = if failure.is_some() { "failed" } else { "complete" };
    match failure {
        Some(failure) => {
            span.record("otel.status_code", "ERROR");
            span.record("otel.status_description", failure.error.as_str());
            span.record("error.type", failure.error_class.as_str());
        }
        None => {
            span.record("otel.status_code", "OK");
        }
    }
    let (task, step) = (kind.name.clone(), step.to_owned());
    counter!(names::ATTEMPTS, "task" => task.clone(), "step" => step.clone(), "result" => result)
        .increment(1);
    histogram!(names::DURATION, "task" => task, "step" => step).record(took);
}

pub(super) fn waited(kind: &TaskKind, step: &str, wait: Duration) {
    histogram!(names::WAIT, "task" => kind.name.clone(), "step" => step.to_owned()).record(wait);
}

pub(super) fn looked(started: usize, running: usize) {
    counter!(names::LOOKS).increment(1);
    counter!(names::STARTED).increment(started as u64);
    gauge!(names::RUNNING).set(running as f64);
}

/// A run is over.
pub(super) fn ran(span: &Span, kind: &TaskKind, outcome: &Result<Outcome, Error>) {
    let word = match outcome {
        Ok(Outcome::Complete) => "complete",
        Ok(Outcome::Blocked) => "blocked",
        Ok(Outcome::Pending { .. } | Outcome::NothingReady { .. }) => "pending",
        Ok(Outcome::Refused(_)) => "refused",
        Ok(Outcome::Lost) => "lost",
        Err(_) => "error",
    };
    span.record("tasker.outcome", word);
    match outcome {
        Ok(Outcome::Blocked) => {
            span.record("otel.status_code", "ERROR");
            span.record("otel.status_description", "a step has failed for good");
        }
        Err(error) => {
            span.record("otel.status_code", "ERROR");
            span.record("otel.status_description", error.to_string());
        }
        Ok(_) => {
            span.record("otel.status_code", "OK");
        }
    }
    counter!(names::RUNS, "task" => kind.name.clone(), "outcome" => word).increment(1);
}

pub(super) fn recovered(report: &RecoveryReport) {
    if report.is_empty() {
        return;
    }
    tracing::info!("recovery: {report}");
    for (kind, number) in
        [("worker", report.workers.len()), ("step", report.steps.len()), ("task", report.tasks.len())]
    {
        counter!(names::RECOVERED, "kind" => kind).increment(number as u64);
    }
}
