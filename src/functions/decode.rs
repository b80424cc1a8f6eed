//! Rows of the functions as the crate's types.

use super::{AnalyticsMetrics, SystemHealthCounts};
use crate::error::Error;
use crate::graph::Level;
use crate::ids::{NamedStepId, NamedTaskId, StepId, TaskId};
use crate::operations::slowest::{Definition, SlowStep, SlowTask};
use crate::progress::{ExecutionContext, ExecutionStatus, HealthStatus, Percentage, RecommendedAction};
use crate::readiness::{DEFAULT_RETRY_LIMIT, Readiness};
use crate::session::Row;
use crate::state::State;
use crate::time::Timestamp;
use std::str::FromStr;

/// A function of the engine's first migration leaves `attempts` null where the row does.
pub(super) fn readiness(row: Row<'_>) -> Result<Readiness, Error> {
    Ok(Readiness {
        workflow_step_id: StepId(row.int(0)?),
        task_id: TaskId(row.int(1)?),
        named_step_id: NamedStepId(row.int(2)?),
        name: row.text(3)?.into(),
        current_state: State::from(row.text(4)?),
        dependencies_satisfied: row.bool(5)?,
        retry_eligible: row.bool(6)?,
        ready_for_execution: row.bool(7)?,
        last_failure_at: row.optional_timestamp(8)?,
        next_retry_at: row.optional_timestamp(9)?,
        total_parents: row.count(10)?,
        completed_parents: row.count(11)?,
        attempts: row.optional_i32(12)?.unwrap_or(0),
        retry_limit: row.optional_i32(13)?.unwrap_or(DEFAULT_RETRY_LIMIT),
        backoff_request_seconds: row.optional_i32(14)?,
        last_attempted_at: row.optional_timestamp(15)?,
    })
}

pub(super) fn context(row: Row<'_>) -> Result<ExecutionContext, Error> {
    Ok(ExecutionContext {
        task_id: TaskId(row.int(0)?),
        named_task_id: NamedTaskId(row.int(1)?),
        status: State::from(row.text(2)?),
        total_steps: count(row, 3)?,
        pending_steps: count(row, 4)?,
        in_progress_steps: count(row, 5)?,
        completed_steps: count(row, 6)?,
        failed_steps: count(row, 7)?,
        ready_steps: count(row, 8)?,
        execution_status: parsed(row, 9, "an execution status", ExecutionStatus::from_word)?,
        recommended_action: parsed(row, 10, "a recommended action", RecommendedAction::from_word)?,
        completion_percentage: parsed(row, 11, "a percentage with at most two decimals", Percentage::parse)?,
        health_status: parsed(row, 12, "a health status", HealthStatus::from_word)?,
    })
}

pub(super) fn level(row: Row<'_>) -> Result<Level, Error> {
    Ok(Level { step: StepId(row.int(0)?), level: row.count(1)? })
}

pub(super) fn health_counts(row: Row<'_>) -> Result<SystemHealthCounts, Error> {
    Ok(SystemHealthCounts {
        total_tasks: row.int(0)?,
        pending_tasks: row.int(1)?,
        in_progress_tasks: row.int(2)?,
        complete_tasks: row.int(3)?,
        error_tasks: row.int(4)?,
        cancelled_tasks: row.int(5)?,
        total_steps: row.int(6)?,
        pending_steps: row.int(7)?,
        in_progress_steps: row.int(8)?,
        complete_steps: row.int(9)?,
        error_steps: row.int(10)?,
        retryable_error_steps: row.int(11)?,
        exhausted_retry_steps: row.int(12)?,
        in_backoff_steps: row.int(13)?,
        active_connections: row.int(14)?,
        max_connections: row.int(15)?,
    })
}

pub(super) fn metrics(row: Row<'_>) -> Result<AnalyticsMetrics, Error> {
    Ok(AnalyticsMetrics {
        active_tasks_count: row.int(0)?,
        total_namespaces_count: row.int(1)?,
        unique_task_types_count: row.int(2)?,
        system_health_score: number(row, 3)?,
        task_throughput: row.int(4)?,
        completion_count: row.int(5)?,
        error_count: row.int(6)?,
        completion_rate: number(row, 7)?,
        error_rate: number(row, 8)?,
        avg_task_duration: number(row, 9)?,
        avg_step_duration: number(row, 10)?,
        step_throughput: row.int(11)?,
        analysis_period_start: row.text(12)?.into(),
        calculated_at: row.text(13)?.into(),
    })
}

pub(super) fn slow_step(row: Row<'_>) -> Result<SlowStep, Error> {
    Ok(SlowStep {
        step: StepId(row.int(0)?),
        task: TaskId(row.int(1)?),
        name: row.text(2)?.into(),
        definition: definition(row, 3)?,
        seconds: number(row, 6)?,
        attempts: row.optional_i32(7)?,
        made_at: row.timestamp(8)?,
        complete_at: row.timestamp(9)?,
        retryable: row.bool(10)?,
    })
}

pub(super) fn slow_task(row: Row<'_>) -> Result<SlowTask, Error> {
    Ok(SlowTask {
        task: TaskId(row.int(0)?),
        definition: definition(row, 1)?,
        seconds: number(row, 4)?,
        steps: row.int(5)?,
        complete: row.int(6)?,
        failed: row.int(7)?,
        made_at: Timestamp(row.int(8)?),
        ended_at: Timestamp(row.int(9)?),
        initiator: row.optional_text(10)?.map(Into::into),
        source_system: row.optional_text(11)?.map(Into::into),
    })
}

fn definition(row: Row<'_>, first: usize) -> Result<Definition, Error> {
    Ok(Definition {
        task_name: row.text(first)?.into(),
        namespace: row.text(first + 1)?.into(),
        version: row.text(first + 2)?.into(),
    })
}

fn count(row: Row<'_>, column: usize) -> Result<u64, Error> {
    u64::try_from(row.int(column)?).map_err(|_| row.unexpected(column, "a count"))
}

/// A `numeric` as text.
fn number(row: Row<'_>, column: usize) -> Result<f64, Error> {
    parsed(row, column, "a number as text", |text| f64::from_str(text).ok())
}

fn parsed<T>(
    row: Row<'_>,
    column: usize,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    parse(row.text(column)?).ok_or_else(|| row.unexpected(column, expected))
}
