//! The least that a question costs, asked by itself: no answer is faster than the way to the server, and none that can be trusted is as
//! fast as the steps that are done alone.

use sqlx::postgres::PgConnection;
use std::hint::black_box;

const DONE: &str = "select array_agg(t.workflow_step_id) from tasker_workflow_step_transitions t
  where t.most_recent and t.to_state in ('complete', 'resolved_manually')
    and t.workflow_step_id between (select $1::bigint) and (select $2::bigint)";
const DONE_IN_RANGES: &str = "select array_agg(t.workflow_step_id)
  from unnest((select $1::bigint[]), (select $2::bigint[])) range (first, last)
  cross join lateral (
    select t.workflow_step_id from tasker_workflow_step_transitions t
    where t.most_recent and t.to_state in ('complete', 'resolved_manually')
      and t.workflow_step_id between range.first and range.last
    limit 256
  ) t";

/// The way to the server and back.
pub async fn round_trip(connection: &mut PgConnection) {
    let one: i32 = sqlx::query_scalar("select 1").fetch_one(connection).await.unwrap();
    black_box(one);
}

/// The steps that are done in ranges of ids that begin at `first` and end at `last`. None has more than 256, which the limit reports to the
/// planner. Which other steps may be run follows only if a graph is believed and none of them has been tried before.
pub async fn done_steps(connection: &mut PgConnection, first: &[i64], last: &[i64]) {
    let done = match (first, last) {
        ([first], [last]) => sqlx::query_scalar(DONE).bind(first).bind(last),
        _ => sqlx::query_scalar(DONE_IN_RANGES).bind(first).bind(last),
    };
    let done: Option<Vec<i64>> = done.fetch_one(connection).await.unwrap();
    assert!(black_box(done).is_some_and(|done| !done.is_empty()));
}
