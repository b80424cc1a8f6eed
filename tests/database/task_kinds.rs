//! The kind of a task, and the pending tasks of some kinds.

use crate::support::seed::{definitions, record, steps, task};
use sqlx::PgPool;
use tasker_core::ids::TaskId;
use tasker_core::operations::task_kinds::{TaskKind, pending_tasks, task_kind};
use tasker_core::store::Connection;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tasks_are_found_by_their_kind_until_they_are_started(pool: PgPool) {
    let mut db = pool.acquire().await.unwrap();
    definitions(&mut db).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(task(&mut db).await);
    }
    steps(&mut db, made[0], 2).await;
    record(&mut db, made[1], "pending").await;
    record(&mut db, made[2], "in_progress").await;
    sqlx::query("update tasker_tasks set complete = true where task_id = $1")
        .bind(made[3].id)
        .execute(&mut *db)
        .await
        .unwrap();

    let session = &mut Connection(&mut db);
    let found = task_kind(session, TaskId(made[0].id)).await.unwrap().unwrap();
    assert_eq!(found.kind.to_string(), "default/task 0.1.0");
    assert_eq!(found.steps, ["step".into()]);
    assert!(task_kind(session, TaskId(made[4].id)).await.unwrap().unwrap().steps.is_empty());
    assert_eq!(task_kind(session, TaskId(0)).await.unwrap(), None);

    let other = TaskKind { name: "no such task".into(), ..found.kind.clone() };
    let kinds = [other.clone(), found.kind];
    let pending = [made[0], made[1], made[4]].map(|subject| TaskId(subject.id));
    assert_eq!(pending_tasks(session, &kinds, None, 10).await.unwrap(), pending);
    assert_eq!(pending_tasks(session, &kinds, None, 2).await.unwrap(), pending[..2]);
    assert_eq!(pending_tasks(session, &kinds, Some(pending[1]), 10).await.unwrap(), pending[2..]);
    assert_eq!(pending_tasks(session, &[other], None, 10).await.unwrap(), []);
    assert_eq!(pending_tasks(session, &[], None, 10).await.unwrap(), []);
}
