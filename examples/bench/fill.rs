//! Filling the tables with finished tasks.

use crate::rounds::Settings;
use crate::world::World;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

/// Fills every database, and measures nothing.
pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<serde_json::Value> {
    for world in worlds {
        let mut connection = world.connect().await;
        fill(&mut connection, settings.finished).await;
        world.settle(&mut connection).await;
    }
    Vec::new()
}

/// Fills the tables with finished tasks of two steps until there are `wanted`. Indexes and references are made anew afterwards, which
/// takes a fraction of entering and checking row by row.
pub async fn fill(connection: &mut PgConnection, wanted: usize) {
    let there: i64 = sqlx::query_scalar("select count(*) from tasker_tasks where reason = 'filler'")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let Some(missing) = (wanted as i64).checked_sub(there).filter(|missing| *missing > 0) else { return };
    let upkeep = upkeep(connection).await;
    let mut tx = connection.begin().await.unwrap();
    sqlx::raw_sql("set local maintenance_work_mem = '256MB'").execute(&mut *tx).await.unwrap();
    for (drop, _) in &upkeep {
        sqlx::raw_sql(AssertSqlSafe(drop.as_str())).execute(&mut *tx).await.unwrap();
    }
    sqlx::query(
        "with task as (
           insert into tasker_tasks (named_task_id, requested_at, identity_hash, complete, reason, created_at, updated_at)
           select 1001, now(), gen_random_uuid(), true, 'filler', now(), now() from generate_series(1, $1)
           returning task_id
         ), of_task as (
           insert into tasker_task_transitions (to_state, sort_key, most_recent, task_id, created_at, updated_at)
           select state, key, key = 20, task_id, now(), now()
           from task, (values ('in_progress', 10), ('complete', 20)) s (state, key)
         ), step as (
           insert into tasker_workflow_steps (task_id, named_step_id, processed, attempts, inputs, results, created_at, updated_at)
           select task_id, 1000 + n, true, 1, '{}', '{}', now(), now() from task, generate_series(1, 2) n
           returning workflow_step_id, task_id
         ), edge as (
           insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
           select min(workflow_step_id), max(workflow_step_id), 'provides', now(), now() from step group by task_id
         )
         insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
         select state, key, key = 20, workflow_step_id, now(), now()
         from step, (values ('in_progress', 10), ('complete', 20)) s (state, key)",
    )
    .bind(missing)
    .execute(&mut *tx)
    .await
    .unwrap();
    for (_, make) in upkeep {
        sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What takes its time with every row of the workflows' tables: statements that drop it, and that make it anew.
pub async fn upkeep(connection: &mut PgConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "with filled as (
           select oid from pg_class
           where relname in ('tasker_tasks', 'tasker_task_transitions', 'tasker_workflow_steps',
                             'tasker_workflow_step_edges', 'tasker_workflow_step_transitions')
         )
         select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
         from pg_index i where i.indrelid in (select oid from filled) and not i.indisunique
         union all
         select format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname),
                format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
         from pg_constraint c where c.conrelid in (select oid from filled) and c.contype = 'f'",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}
