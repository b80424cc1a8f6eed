//! Calls of the engine's functions.

use super::records::micros;
use crate::session::{Access, Query, Value};

fn read(name: &'static str, sql: &'static str, binds: Vec<Value>) -> Query {
    Query { name, sql, binds, access: Access::Read }
}

/// Whether each of the functions `$1` exists: one array, in their order.
pub(crate) fn installed(signatures: Value) -> Query {
    read(
        "installed functions",
        "select array_agg(to_regprocedure(signature) is not null order by place)::text
from unnest((select $1::text[])) with ordinality f(signature, place)",
        vec![signatures],
    )
}

macro_rules! readiness_of {
    ($call:literal) => {
        concat!(
            "select workflow_step_id, task_id, named_step_id, name, current_state, dependencies_satisfied, retry_eligible,
       ready_for_execution, ",
            micros!("last_failure_at"),
            ", ",
            micros!("next_retry_at"),
            ", total_parents, completed_parents,
       attempts, retry_limit, backoff_request_seconds, ",
            micros!("last_attempted_at"),
            "
from ",
            $call,
            "
order by task_id, workflow_step_id"
        )
    };
}

/// The sixteen columns, ordered by task and step, with instants in microseconds.
pub(crate) fn step_readiness(task: Value, steps: Value) -> Query {
    read(
        "get_step_readiness_status",
        readiness_of!("get_step_readiness_status((select $1::bigint), (select $2::bigint[]))"),
        vec![task, steps],
    )
}

/// Like [`step_readiness`].
pub(crate) fn step_readiness_batch(tasks: Value) -> Query {
    read(
        "get_step_readiness_status_batch",
        readiness_of!("get_step_readiness_status_batch((select $1::bigint[]))"),
        vec![tasks],
    )
}

macro_rules! context_of {
    ($call:literal) => {
        concat!(
            "select task_id, named_task_id, status, total_steps, pending_steps, in_progress_steps, completed_steps, failed_steps,
       ready_steps, execution_status, recommended_action, completion_percentage::text, health_status
from ",
            $call,
            "
order by task_id"
        )
    };
}

/// The thirteen columns, with the percentage as text.
pub(crate) fn task_execution_context(task: Value) -> Query {
    read(
        "get_task_execution_context",
        context_of!("get_task_execution_context((select $1::bigint))"),
        vec![task],
    )
}

/// Like [`task_execution_context`], ordered by task.
pub(crate) fn task_execution_contexts_batch(tasks: Value) -> Query {
    read(
        "get_task_execution_contexts_batch",
        context_of!("get_task_execution_contexts_batch((select $1::bigint[]))"),
        vec![tasks],
    )
}

/// Step and level, ordered by level and step.
pub(crate) fn dependency_levels(task: Value) -> Query {
    read(
        "calculate_dependency_levels",
        "select workflow_step_id, dependency_level from calculate_dependency_levels((select $1::bigint))
order by dependency_level, workflow_step_id",
        vec![task],
    )
}

/// The sixteen counts.
pub(crate) fn system_health_counts() -> Query {
    read(
        "get_system_health_counts_v01",
        "select total_tasks, pending_tasks, in_progress_tasks, complete_tasks, error_tasks, cancelled_tasks,
       total_steps, pending_steps, in_progress_steps, complete_steps, error_steps,
       retryable_error_steps, exhausted_retry_steps, in_backoff_steps, active_connections, max_connections
from get_system_health_counts_v01()",
        Vec::new(),
    )
}

/// The fourteen columns: decimals as text, instants as text with the session's time zone.
pub(crate) fn analytics_metrics(since: Value) -> Query {
    read(
        "get_analytics_metrics_v01",
        "select active_tasks_count, total_namespaces_count, unique_task_types_count, system_health_score::text,
       task_throughput, completion_count, error_count, completion_rate::text, error_rate::text,
       avg_task_duration::text, avg_step_duration::text, step_throughput,
       to_char(analysis_period_start, 'YYYY-MM-DD HH24:MI:SS TZHTZM'),
       to_char(calculated_at, 'YYYY-MM-DD HH24:MI:SS TZHTZM')
from get_analytics_metrics_v01((select $1::timestamp)::timestamptz)",
        vec![since],
    )
}

/// Eleven of the twelve columns (the last, the step's status, is always `complete`), instants in microseconds.
pub(crate) fn slowest_steps(binds: Vec<Value>) -> Query {
    read(
        "get_slowest_steps_v01",
        concat!(
            "select workflow_step_id, task_id, step_name, task_name, namespace_name, version, duration_seconds::text, attempts,
       ",
            micros!("created_at::timestamp"),
            ", ",
            micros!("completed_at::timestamp"),
            ", retryable
from get_slowest_steps_v01((select $1::timestamp)::timestamptz, (select $2::integer), (select $3::text), (select $4::text),
                           (select $5::text))"
        ),
        binds,
    )
}

/// The twelve columns, instants in microseconds.
pub(crate) fn slowest_tasks(binds: Vec<Value>) -> Query {
    read(
        "get_slowest_tasks_v01",
        concat!(
            "select task_id, task_name, namespace_name, version, duration_seconds::text, step_count, completed_steps, error_steps,
       ",
            micros!("created_at::timestamp"),
            ", ",
            micros!("completed_at::timestamp"),
            ", initiator, source_system
from get_slowest_tasks_v01((select $1::timestamp)::timestamptz, (select $2::integer), (select $3::text), (select $4::text),
                           (select $5::text))"
        ),
        binds,
    )
}
