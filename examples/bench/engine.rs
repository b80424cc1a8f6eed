//! The engine's functions, asked by a client that makes use of the answer: every column of every row is decoded.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Row, ValueRef};
use std::hint::black_box;

const READINESS: &str = "select * from get_step_readiness_status($1)";
const READINESS_OF_TASKS: &str = "select * from get_step_readiness_status_batch($1)";
const LEVELS: &str = "select * from calculate_dependency_levels($1)";

/// What both functions say of a step.
#[derive(Debug)]
#[allow(dead_code, reason = "it is only made, as a client would make it")]
struct Readiness {
    workflow_step_id: i64,
    task_id: i64,
    named_step_id: i32,
    name: String,
    current_state: String,
    dependencies_satisfied: bool,
    retry_eligible: bool,
    ready_for_execution: bool,
    last_failure_at: Option<i64>,
    next_retry_at: Option<i64>,
    total_parents: i32,
    completed_parents: i32,
    attempts: i32,
    retry_limit: i32,
    backoff_request_seconds: Option<i32>,
    last_attempted_at: Option<i64>,
}

impl Readiness {
    /// Columns by place: a search by name would be charged to the engine.
    fn decoded(row: &PgRow) -> Self {
        Readiness {
            workflow_step_id: row.get(0),
            task_id: row.get(1),
            named_step_id: row.get(2),
            name: row.get(3),
            current_state: row.get(4),
            dependencies_satisfied: row.get(5),
            retry_eligible: row.get(6),
            ready_for_execution: row.get(7),
            last_failure_at: instant(row, 8),
            next_retry_at: instant(row, 9),
            total_parents: row.get(10),
            completed_parents: row.get(11),
            attempts: row.get(12),
            retry_limit: row.get(13),
            backoff_request_seconds: row.get(14),
            last_attempted_at: instant(row, 15),
        }
    }
}

/// Microseconds as the server sends them, in binary.
fn instant(row: &PgRow, column: usize) -> Option<i64> {
    let value = row.try_get_raw(column).unwrap();
    if value.is_null() {
        return None;
    }
    Some(i64::from_be_bytes(value.as_bytes().unwrap().try_into().unwrap()))
}

/// The readiness of one task's steps.
pub async fn readiness(connection: &mut PgConnection, task: i64) {
    let rows = sqlx::query(READINESS).bind(task).fetch_all(connection).await.unwrap();
    black_box(rows.iter().map(Readiness::decoded).collect::<Vec<_>>());
}

/// The readiness of many tasks' steps.
pub async fn readiness_of_tasks(connection: &mut PgConnection, tasks: &[i64]) {
    let rows = sqlx::query(READINESS_OF_TASKS).bind(tasks).fetch_all(connection).await.unwrap();
    black_box(rows.iter().map(Readiness::decoded).collect::<Vec<_>>());
}

/// The dependency levels of one task's steps.
pub async fn levels(connection: &mut PgConnection, task: i64) {
    let rows = sqlx::query(LEVELS).bind(task).fetch_all(connection).await.unwrap();
    black_box(rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<(i64, i32)>>());
}
