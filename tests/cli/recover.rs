//! `recover`

use crate::{answer, on};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::TaskId;

/// A task in progress by a worker that does not hold its lock.
async fn stranded(pool: &PgPool) -> TaskId {
    let mut connection = pool.acquire().await.unwrap();
    let task = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap().task;
    sqlx::query(
        "insert into tasker_task_transitions (to_state, sort_key, most_recent, metadata, task_id, created_at, updated_at)
         values ('in_progress', 10, true, '{\"tasker_core\": {\"worker\": \"-7\"}}', $1, now(), now())",
    )
    .bind(task.0)
    .execute(&mut *connection)
    .await
    .unwrap();
    task
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn reports_what_there_is_to_do_and_does_it(pool: PgPool) {
    let task = stranded(&pool).await;
    let dry = answer(on(&pool, "recover --dry-run --grace 0.01").await);
    let expected = format!(
        "would recover 1 workers, 0 steps, 1 tasks, 0 failed, 0 suspects\n  workers: -7\n  tasks: {task}\n"
    );
    assert_eq!(dry.out, expected);
    let done = answer(on(&pool, "recover --grace 0.01 --json").await).json();
    assert_eq!(
        (&done["dry_run"], &done["workers"], &done["tasks"]),
        (&json!(false), &json!(["-7"]), &json!([task.0]))
    );
    let nothing = answer(on(&pool, "recover --grace 0.01").await);
    assert_eq!(nothing.out, "recovered 0 workers, 0 steps, 0 tasks, 0 failed, 0 suspects\n");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn changes_nothing_where_nothing_can_be_written(pool: PgPool) {
    let task = stranded(&pool).await;
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let read_only = format!("alter database \"{name}\" set default_transaction_read_only = on");
    sqlx::raw_sql(sqlx::AssertSqlSafe(read_only)).execute(&pool).await.unwrap();
    let failed = on(&pool, "recover --grace 0.01").await;
    assert_eq!(failed.code, Some(1), "{} {}", failed.out, failed.err);
    assert!(failed.out.starts_with("recovered 0 workers, 0 steps, 0 tasks, 1 failed"), "{}", failed.out);
    assert!(failed.out.contains("read-only transaction"), "{}", failed.out);
    let states = "select to_state from tasker_task_transitions where task_id = $1";
    let states: Vec<String> = sqlx::query_scalar(states).bind(task.0).fetch_all(&pool).await.unwrap();
    assert_eq!(states, ["in_progress"]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn refuses_a_grace_period_that_is_none(pool: PgPool) {
    let failed = on(&pool, "recover --grace soon").await;
    assert_eq!(failed.code, Some(2));
    assert!(failed.err.contains("expected seconds above zero, got \"soon\""), "{}", failed.err);
}
