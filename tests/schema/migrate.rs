//! Migrating databases without Rails.

use crate::support::engine;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, PgPool};
use std::borrow::Cow;
use tasker_core::Error;
use tasker_core::schema::{Kind, check};
use tasker_core::store::{MIGRATIONS, migrate};

fn versions() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).collect()
}

/// Advisory locks that any session holds.
async fn locks(connection: &mut PgConnection) -> i64 {
    let locks = "select count(*) from pg_locks l join pg_database d on d.oid = l.database
                 where l.locktype = 'advisory' and d.datname = current_database()";
    sqlx::query_scalar(locks).fetch_one(connection).await.unwrap()
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_gets_the_tables_once(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(migrate(&mut connection).await.unwrap(), versions());
    assert!(migrate(&mut connection).await.unwrap().is_empty());
    let kinds: Vec<Kind> =
        check(&mut connection).await.unwrap().iter().map(|difference| difference.kind).collect();
    assert!(kinds.iter().all(|kind| matches!(kind, Kind::View | Kind::Function)), "{kinds:?}");
    assert_eq!(locks(&mut connection).await, 0);
}

#[sqlx::test(migrations = false)]
async fn a_database_that_has_some_migrations_gets_the_others(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    MIGRATIONS.run_to(versions()[1], &mut *connection).await.unwrap();
    assert_eq!(migrate(&mut connection).await.unwrap(), versions()[2..]);
}

#[sqlx::test(migrations = false)]
async fn sessions_that_migrate_at_once_run_each_migration_once(pool: PgPool) {
    let run = || async {
        let mut connection = pool.acquire().await.unwrap();
        migrate(&mut connection).await.unwrap()
    };
    let (a, b, c) = tokio::join!(run(), run(), run());
    let mut ran = [a, b, c].concat();
    ran.sort_unstable();
    assert_eq!(ran, versions());
}

#[sqlx::test(migrations = false)]
async fn a_session_waits_for_the_one_that_migrates(pool: PgPool) {
    let mut first = pool.acquire().await.unwrap();
    sqlx::migrate::Migrate::lock(&mut *first).await.unwrap();
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { migrate(&mut pool.acquire().await.unwrap()).await.unwrap() }
    });
    let waits = "select exists (select from pg_locks l join pg_database d on d.oid = l.database
                                where l.locktype = 'advisory' and not l.granted and d.datname = current_database())";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut *first).await.unwrap() {
        assert!(!waiting.is_finished(), "it should wait for the lock");
        tokio::task::yield_now().await;
    }
    let tables: bool = sqlx::query_scalar("select to_regclass('tasker_tasks') is not null")
        .fetch_one(&mut *first)
        .await
        .unwrap();
    assert!(!tables);
    sqlx::migrate::Migrate::unlock(&mut *first).await.unwrap();
    assert_eq!(waiting.await.unwrap(), versions());
}

#[sqlx::test(migrations = false)]
async fn the_tables_of_a_rails_application_are_left_alone(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql(
        "create table tasker_tasks (task_id bigint); create table schema_migrations (version text)",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    let refused = migrate(&mut connection).await.unwrap_err();
    assert!(matches!(refused, Error::MigratedByRails), "{refused:?}");
    assert_eq!(locks(&mut connection).await, 0);
    let own: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert!(!own);

    let mut engine = engine::connect().await;
    let mut tx = engine.begin().await.unwrap();
    assert!(matches!(migrate(&mut tx).await, Err(Error::MigratedByRails)));
}

#[sqlx::test(migrations = false)]
async fn a_migration_that_was_changed_is_refused_and_the_lock_released(pool: PgPool) {
    let mut changed: Vec<_> = MIGRATIONS.iter().take(1).cloned().collect();
    changed[0].checksum = Cow::Borrowed(b"other");
    let other = Migrator { migrations: Cow::Owned(changed), ..Migrator::DEFAULT };
    let mut connection = pool.acquire().await.unwrap();
    other.run(&mut *connection).await.unwrap();
    let error = migrate(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("has been modified"), "{error}");
    assert_eq!(locks(&mut connection).await, 0);
}
