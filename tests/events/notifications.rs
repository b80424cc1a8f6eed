//! Notifications of commits.

use crate::{DEADLINE, task};
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tasker_core::events::{CHANNEL, install_notifications, notifications_installed, remove_notifications};
use tasker_core::factories::{Pattern, workflow};
use tasker_core::run::{Options, run_workflow};
use tasker_core::transitions::{TaskState, Transitions};

/// Notifications that arrive before one that is sent now.
async fn notified(listener: &mut PgListener, pool: &PgPool) -> usize {
    sqlx::query("select pg_notify($1, 'end')").bind(CHANNEL).execute(pool).await.unwrap();
    let mut count = 0;
    loop {
        let next =
            tokio::time::timeout(DEADLINE, listener.recv()).await.expect("a notification in time").unwrap();
        match next.payload() {
            "end" => return count,
            payload => assert_eq!(payload, ""),
        }
        count += 1;
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_commit_notifies_once_whatever_it_records(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    install_notifications(&mut connection).await.unwrap();
    install_notifications(&mut connection).await.unwrap();
    assert!(notifications_installed(&mut connection).await.unwrap());
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen(CHANNEL).await.unwrap();

    let mut transaction = pool.begin().await.unwrap();
    let made = workflow(Pattern::Diamond).create(&mut transaction).await.unwrap();
    run_workflow(&mut *transaction, made.task, Options::default(), async |_| Ok(json!({}))).await.unwrap();
    assert_eq!(notified(&mut listener, &pool).await, 0, "nothing has been committed");
    transaction.commit().await.unwrap();
    assert_eq!(notified(&mut listener, &pool).await, 1);

    let (one, refused) = (task(&mut connection).await, made.task);
    assert_eq!(notified(&mut listener, &pool).await, 0, "no transition was recorded");
    one.transition_to(TaskState::InProgress, &mut *connection).await.unwrap();
    refused.transition_to(TaskState::Pending, &mut *connection).await.unwrap_err();
    assert_eq!(notified(&mut listener, &pool).await, 1);

    remove_notifications(&mut connection).await.unwrap();
    remove_notifications(&mut connection).await.unwrap();
    one.transition_to(TaskState::Pending, &mut *connection).await.unwrap();
    assert_eq!(notified(&mut listener, &pool).await, 0);
}

/// A half of the triggers is none.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_trigger_that_is_disabled_is_not_installed(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    install_notifications(&mut connection).await.unwrap();
    let disable = "alter table tasker_task_transitions disable trigger tasker_core_notify_transitions";
    sqlx::raw_sql(disable).execute(&mut *connection).await.unwrap();
    assert!(!notifications_installed(&mut connection).await.unwrap());
}
