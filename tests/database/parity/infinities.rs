//! Instants that never come, and those that always were.

use crate::support::rows::{assert_same, json, readiness_rows};
use crate::support::{engine, seed};
use sqlx::PgPool;
use tasker_core::ids::TaskId;
use tasker_core::operations::readiness::step_readiness;
use tasker_core::operations::ready::ready_steps;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

/// One step for every combination of what a wait is made of; both transitions of a failed step, its last attempt and its
/// end lie at each kind of instant.
const STEPS: &str = "
with instant (at) as (
  values (null::timestamp), ('infinity'), ('-infinity'), (localtimestamp - interval '1 hour'),
         (localtimestamp + interval '1 hour')
), drawn as (
  select row_number() over () as id, attempted.at as attempted, failed.at as failed, backoff, attempts
  from instant attempted, instant failed,
       (values (null::integer), (0), (5), (-5), (2147483647), (-2147483648)) asked (backoff),
       (values (null::integer), (0), (2), (43), (-1)) made (attempts)
), step as (
  insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, retry_limit, attempts,
    last_attempted_at, processed_at, backoff_request_seconds, created_at, updated_at)
  select id, $1, 1, 50, attempts, attempted, failed, backoff, now(), now() from drawn
)
insert into tasker_workflow_step_transitions (workflow_step_id, to_state, sort_key, most_recent, created_at, updated_at)
select id, case when id % 7 = 0 then 'pending' else 'error' end, 10, true, failed, now()
from drawn where failed is not null";

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn readiness_of_every_combination(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    engine::install_functions(&mut tx).await;
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    sqlx::query(STEPS).bind(task.id).execute(&mut *tx).await.unwrap();

    let ours = step_readiness(&mut Connection(&mut tx), TaskId(task.id), None).await.unwrap();
    let query = sqlx::query(readiness_rows!("get_step_readiness_status($1)")).bind(task.id);
    let compared = assert_same("steps", &ours, &json(&mut tx, query).await);
    assert_eq!(compared, 5 * 5 * 6 * 5);

    let may_run = ours.iter().filter(|row| row.ready_for_execution).map(|row| row.workflow_step_id);
    let ready = ready_steps(&mut Connection(&mut tx), &[TaskId(task.id)]).await.unwrap();
    assert!(ready.iter().map(|ready| ready.step).eq(may_run));

    for end in [Timestamp(i64::MAX), Timestamp(i64::MIN)] {
        let of = |row: &&tasker_core::readiness::Readiness| {
            [row.last_attempted_at, row.last_failure_at, row.next_retry_at].map(|at| at == Some(end))
        };
        for column in 0..3 {
            assert!(ours.iter().filter(|row| of(row)[column]).count() > 50, "column {column} at {end}");
        }
        let ready =
            ours.iter().filter(|row| row.ready_for_execution && row.next_retry_at == Some(end)).count();
        assert_eq!(ready > 0, end < Timestamp(0), "{ready} steps are ready whose wait ends at {end}");
    }
}
