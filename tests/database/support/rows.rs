//! Rows of the engine's functions beside the core's values, both as JSON, so that names and values of all columns are
//! compared.

use serde::Serialize;
use serde_json::Value;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres, Row};

/// Microseconds of an instant; the infinities are the ends of a bigint.
macro_rules! micros {
    ($instant:literal) => {
        concat!(
            "case when isfinite(",
            $instant,
            ") then (extract(epoch from ",
            $instant,
            ") * 1000000)::bigint when ",
            $instant,
            " > now() then 9223372036854775807 when ",
            $instant,
            " < now() then -9223372036854775808 end"
        )
    };
}

/// A query for the readiness rows of a call, with instants in microseconds.
macro_rules! readiness_rows {
    ($call:literal) => {
        concat!(
            "select (to_jsonb(f) || jsonb_build_object(
               'last_failure_at', ",
            $crate::support::rows::micros!("f.last_failure_at"),
            ",
               'next_retry_at', ",
            $crate::support::rows::micros!("f.next_retry_at"),
            ",
               'last_attempted_at', ",
            $crate::support::rows::micros!("f.last_attempted_at"),
            "))::text
             from ",
            $call,
            " f order by f.task_id, f.workflow_step_id"
        )
    };
}

/// A query for the execution contexts of a call, in its own order, with percentages as PostgreSQL writes them.
macro_rules! context_rows {
    ($call:literal) => {
        concat!(
            "select (to_jsonb(f) || jsonb_build_object(
               'completion_percentage', f.completion_percentage::text))::text
             from ",
            $call,
            " f"
        )
    };
}

pub(crate) use {context_rows, micros, readiness_rows};

/// Runs a query of one JSON column.
pub async fn json(connection: &mut PgConnection, query: Query<'_, Postgres, PgArguments>) -> Vec<Value> {
    let rows = query.fetch_all(connection).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row.get(0)).unwrap()).collect()
}

/// Fails with the first row that differs; returns how many rows were compared.
pub fn assert_same<T: Serialize>(what: &str, ours: &[T], theirs: &[Value]) -> usize {
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let ours = serde_json::to_value(ours).unwrap();
        assert!(ours == *theirs, "{what}: row {index} differs\n  ours    {ours}\n  engine's {theirs}");
    }
    assert_eq!(ours.len(), theirs.len(), "{what}: number of rows");
    ours.len()
}
