//! Named tasks.

use crate::support::messages;
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{Model, NamedTask, New, NewNamedTask, NewTaskNamespace, Record};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_fresh_row_is_as_the_columns_defaults_make_it(pool: PgPool) {
    let namespace = NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let made = NewNamedTask::new("settle", namespace.key()).create(&pool).await.unwrap();
    sqlx::query(
        "insert into tasker_named_tasks (name, created_at, updated_at) values ('bare', now(), now())",
    )
    .execute(&pool)
    .await
    .unwrap();
    let bare = NamedTask::find_by(NamedTask::name.eq("bare"), &pool).await.unwrap().unwrap();
    assert_eq!((&bare.configuration, &bare.version), (&made.configuration, &made.version));
    assert_eq!(bare.configuration, Some(json!("{}")));
    assert_eq!(bare.task_namespace_id, 1);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn refuses_what_rails_refuses(pool: PgPool) {
    let key = NewTaskNamespace::new("payments").create(&pool).await.unwrap().key();
    let refused = |new: NewNamedTask| async { messages(new.create(&pool).await) };
    assert_eq!(refused(NewNamedTask::new("settle", 7)).await, ["Task namespace must exist"]);
    assert_eq!(refused(NewNamedTask::new("", key)).await, ["Name can't be blank"]);
    assert_eq!(
        refused(NewNamedTask { version: String::new(), ..NewNamedTask::new("n".repeat(65), key) }).await,
        [
            "Name is too long (maximum is 64 characters)",
            "Version can't be blank",
            "Version must be in semver format (e.g., 1.0.0)"
        ]
    );
    for version in ["1.0", "1.0.0.0", "v1.0.0", "1.0.0\n", "1..0", "١.0.0"] {
        let new = NewNamedTask { version: version.into(), ..NewNamedTask::new("settle", key) };
        assert_eq!(refused(new).await, ["Version must be in semver format (e.g., 1.0.0)"], "{version:?}");
    }
    let long = NewNamedTask { version: "1.0.0123456789012".into(), ..NewNamedTask::new("settle", key) };
    assert_eq!(refused(long).await, ["Version is too long (maximum is 16 characters)"]);

    NewNamedTask::new("settle", key).create(&pool).await.unwrap();
    assert_eq!(refused(NewNamedTask::new("settle", key)).await, ["Task namespace has already been taken"]);
    let next = NewNamedTask { version: "0.1.1".into(), ..NewNamedTask::new("settle", key) };
    next.create(&pool).await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_configuration_is_any_json(pool: PgPool) {
    let key = NewTaskNamespace::new("payments").create(&pool).await.unwrap().key();
    let mut task = NewNamedTask::new("settle", key).find_or_create(&pool).await.unwrap();
    for configuration in [
        Some(json!({ "concurrent": false, "é\u{0}".replace('\u{0}', ""): [1.5, null] })),
        None,
        Some(json!(null)),
    ] {
        task.update(|task| task.configuration = configuration.clone(), &pool).await.unwrap();
        assert_eq!(task.configuration, configuration);
        assert_eq!(NamedTask::find(task.key(), &pool).await.unwrap(), task);
    }
}
