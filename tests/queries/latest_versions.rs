//! The latest version of each named task.

use sqlx::{PgConnection, PgPool};
use tasker_core::models::NamedTask;
use tasker_core::query::Query;

async fn versions(connection: &mut PgConnection, versions: &[&str]) {
    sqlx::query(
        "with namespace as (
           insert into tasker_task_namespaces (task_namespace_id, name, created_at, updated_at) values (1, 'payments', now(), now())
         )
         insert into tasker_named_tasks (name, version, task_namespace_id, created_at, updated_at)
         select 'settle', version, 1, now(), now() from unnest($1::text[]) version",
    )
    .bind(versions.iter().map(|version| (*version).to_owned()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn versions_compare_by_their_numbers_and_texts_come_last(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    versions(&mut tx, &["0.9.0", "0.10.0", "v1", "0.9.10", "99999999999.x"]).await;
    let latest = Query::<NamedTask>::new().in_namespace("payments").latest_versions();
    let found = latest.all(&mut *tx).await.unwrap();
    assert_eq!(found.iter().map(|task| task.version.as_str()).collect::<Vec<_>>(), ["0.10.0"]);
    assert_eq!(latest.count(&mut *tx).await.unwrap(), 1);
    assert!(latest.exists(&mut *tx).await.unwrap());
    assert_eq!(latest.page(1, 10, &mut *tx).await.unwrap().total, 1);

    let single = NamedTask::find_latest_version("payments", "settle", &mut *tx).await.unwrap().unwrap();
    assert_eq!(single.version, "0.10.0");
    assert!(NamedTask::version_exists("payments", "settle", "0.9.0", &mut *tx).await.unwrap());
    assert!(!NamedTask::version_exists("payments", "settle", "0.9.1", &mut *tx).await.unwrap());
    assert!(!NamedTask::version_exists("refunds", "settle", "0.9.0", &mut *tx).await.unwrap());
}

/// As in the engine: conditions choose the rows of which the latest is taken, wherever they stand in the chain.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn conditions_before_and_after_mean_the_same(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    versions(&mut tx, &["1.0.0", "2.0.0"]).await;
    for query in [
        Query::<NamedTask>::new().with_version("1.0.0").latest_versions(),
        Query::<NamedTask>::new().latest_versions().with_version("1.0.0"),
    ] {
        assert_eq!(query.first(&mut *tx).await.unwrap().unwrap().version, "1.0.0");
    }
}
