//! Namespaces, and what all models have in common.

use crate::support::messages;
use sqlx::PgPool;
use tasker_core::Error;
use tasker_core::models::{Model, New, NewNamedTask, NewTaskNamespace, Record, TaskNamespace};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn creates_finds_changes_and_deletes(pool: PgPool) {
    let new = NewTaskNamespace { description: Some("Payouts".into()), ..NewTaskNamespace::new("payments") };
    let mut namespace = new.create(&pool).await.unwrap();
    assert_eq!((namespace.task_namespace_id, namespace.name.as_str()), (1, "payments"));
    assert_eq!(namespace.created_at, namespace.updated_at);
    assert_eq!(TaskNamespace::find(1, &pool).await.unwrap(), namespace);

    let created_at = namespace.created_at;
    namespace.update(|namespace| namespace.description = None, &pool).await.unwrap();
    assert_eq!((namespace.description.as_ref(), namespace.created_at), (None, created_at));
    assert!(namespace.updated_at > created_at);
    assert_eq!(TaskNamespace::find(1, &pool).await.unwrap(), namespace);

    namespace.delete(&pool).await.unwrap();
    let missing = TaskNamespace::find(1, &pool).await.unwrap_err();
    assert_eq!(missing.to_string(), "no TaskNamespace with task_namespace_id = 1");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn refuses_what_rails_refuses(pool: PgPool) {
    NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let refused = |new: NewTaskNamespace| async { messages(new.create(&pool).await) };
    assert_eq!(refused(NewTaskNamespace::new(" \u{a0}\t")).await, ["Name can't be blank"]);
    assert_eq!(refused(NewTaskNamespace::new("payments")).await, ["Name has already been taken"]);
    let long =
        NewTaskNamespace { description: Some("d".repeat(256)), ..NewTaskNamespace::new("ä".repeat(65)) };
    assert_eq!(
        refused(long).await,
        [
            "Name is too long (maximum is 64 characters)",
            "Description is too long (maximum is 255 characters)"
        ]
    );
    NewTaskNamespace::new("ä".repeat(64)).create(&pool).await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_refused_change_leaves_the_record_and_the_row_as_they_were(pool: PgPool) {
    NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let mut orders = NewTaskNamespace::new("orders").create(&pool).await.unwrap();
    let before = orders.clone();
    let change = orders.update(|orders| orders.name = "payments".into(), &pool).await;
    assert_eq!(messages(change), ["Name has already been taken"]);
    assert_eq!(orders, before);
    assert_eq!(TaskNamespace::find(before.key(), &pool).await.unwrap(), before);
    // Its own name is not taken.
    orders.update(|orders| orders.description = Some("Orders".into()), &pool).await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_change_of_a_row_that_is_gone_is_an_error(pool: PgPool) {
    let mut namespace = NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    namespace.clone().delete(&pool).await.unwrap();
    let change = namespace.update(|namespace| namespace.name = "orders".into(), &pool).await;
    assert!(matches!(change, Err(Error::NotFound { model: "TaskNamespace", value: 1, .. })), "{change:?}");
    assert_eq!(namespace.name, "payments");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn finds_or_creates_in_the_transaction_of_the_caller(pool: PgPool) {
    let mut transaction = pool.begin().await.unwrap();
    let made = NewTaskNamespace::new("payments").find_or_create(&mut transaction).await.unwrap();
    let found = NewTaskNamespace { description: Some("ignored".into()), ..NewTaskNamespace::new("payments") };
    assert_eq!(found.find_or_create(&mut transaction).await.unwrap(), made);
    transaction.rollback().await.unwrap();
    assert_eq!(TaskNamespace::find_all(TaskNamespace::KEY.is_not_null(), &pool).await.unwrap(), []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn find_or_create_survives_another_session_with_the_same_row(pool: PgPool) {
    let mut theirs = pool.begin().await.unwrap();
    let their_row = NewTaskNamespace::new("payments").create(&mut theirs).await.unwrap();

    let mut ours = pool.begin().await.unwrap();
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *ours).await.unwrap();
    let waiting = tokio::spawn(async move {
        let found = NewTaskNamespace::new("payments").find_or_create(&mut ours).await.unwrap();
        // The transaction is not aborted.
        NewNamedTask::new("settle", found.key()).create(&mut ours).await.unwrap();
        ours.commit().await.unwrap();
        found
    });
    crate::support::until_blocked(&pool, process).await;
    theirs.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), their_row);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_column_of_the_application_is_no_error(pool: PgPool) {
    let mut namespace = NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    sqlx::query("alter table tasker_task_namespaces add column owner text not null default 'x'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(TaskNamespace::find(1, &pool).await.unwrap(), namespace);
    namespace.update(|namespace| namespace.name = "orders".into(), &pool).await.unwrap();
    NewTaskNamespace::new("payments").create(&pool).await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_namespace_leads_to_its_named_tasks(pool: PgPool) {
    let payments = NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let empty = NewTaskNamespace::new("default").create(&pool).await.unwrap();
    let settle = NewNamedTask::new("settle", payments.key()).create(&pool).await.unwrap();
    let refund = NewNamedTask::new("refund", payments.key()).create(&pool).await.unwrap();
    assert_eq!(payments.named_tasks(&pool).await.unwrap(), [settle.clone(), refund.clone()]);
    assert_eq!(settle.task_namespace(&pool).await.unwrap(), payments);
    assert!(empty.is_default() && !payments.is_default());

    let both = [payments, empty];
    let loaded = TaskNamespace::NAMED_TASKS.load(&both, &pool).await.unwrap();
    assert_eq!((loaded.of(&both[0]), loaded.of(&both[1])), (&[settle, refund][..], &[][..]));
    assert_eq!(TaskNamespace::NAMED_TASKS.load(&[], &pool).await.unwrap().of(&both[0]), []);
}
