//! How a world gets into the database: one statement a table.

use super::Task;
use super::draw::{Drawn, NAMES, Step, Transition};
use sqlx::PgConnection;

pub async fn world(tx: &mut PgConnection, drawn: &Drawn) {
    tasks(tx, &drawn.tasks).await;
    steps(tx, &drawn.steps).await;
    edges(tx, &drawn.tasks).await;
    transitions(tx, include_str!("step_transitions.sql"), &drawn.of_steps).await;
    transitions(tx, include_str!("task_transitions.sql"), &drawn.of_tasks).await;
}

async fn tasks(tx: &mut PgConnection, tasks: &[Task]) {
    sqlx::raw_sql(
        "insert into tasker_task_namespaces values (1, 'default', null, now(), now());
         insert into tasker_dependent_systems values (1, 'default', null, now(), now());
         insert into tasker_named_tasks select n, 'task ' || n, null, now(), now(), 1 from generate_series(1, 5) n;",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let names = "insert into tasker_named_steps (dependent_system_id, name, created_at, updated_at)
                 select 1, name, now(), now() from unnest($1::text[]) name";
    sqlx::query(names).bind(NAMES.map(str::to_owned).to_vec()).execute(&mut *tx).await.unwrap();
    sqlx::query(
        "insert into tasker_tasks (task_id, named_task_id, requested_at, identity_hash, created_at, updated_at)
         select id, id % 5 + 1, now(), id, now(), now() from unnest($1::bigint[]) id",
    )
    .bind(tasks.iter().map(|task| task.id).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await
    .unwrap();
}

async fn steps(tx: &mut PgConnection, steps: &[Step]) {
    fn column<T>(steps: &[Step], of: impl Fn(&Step) -> T) -> Vec<T> {
        steps.iter().map(of).collect()
    }
    sqlx::query(include_str!("steps.sql"))
        .bind(column(steps, |step| step.id))
        .bind(column(steps, |step| step.task_id))
        .bind(column(steps, |step| step.named_step_id))
        .bind(column(steps, |step| step.retryable))
        .bind(column(steps, |step| step.in_process))
        .bind(column(steps, |step| step.processed))
        .bind(column(steps, |step| step.attempts))
        .bind(column(steps, |step| step.retry_limit))
        .bind(column(steps, |step| step.backoff))
        .bind(column(steps, |step| step.last_attempted_at))
        .bind(column(steps, |step| step.processed_at))
        .execute(tx)
        .await
        .unwrap();
}

async fn edges(tx: &mut PgConnection, tasks: &[Task]) {
    let (from, to): (Vec<i64>, Vec<i64>) = tasks.iter().flat_map(|task| task.edges.iter().copied()).unzip();
    sqlx::query(
        "insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
         select f, t, 'provides', now(), now() from unnest($1::bigint[], $2::bigint[]) e(f, t)",
    )
    .bind(from)
    .bind(to)
    .execute(tx)
    .await
    .unwrap();
}

async fn transitions(tx: &mut PgConnection, insert: &'static str, rows: &[Transition]) {
    sqlx::query(insert)
        .bind(rows.iter().map(|row| row.owner).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.to_state.to_owned()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.sort_key).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.most_recent).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.created_at).collect::<Vec<_>>())
        .execute(tx)
        .await
        .unwrap();
}
