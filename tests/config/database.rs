//! The layer of the database.

use crate::problems;
use serde_json::json;
use sqlx::PgPool;
use tasker_core::config::{DatabaseLayer, Loader};

#[sqlx::test(migrations = false)]
async fn rows_of_an_environment_win_over_those_of_all(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    DatabaseLayer::create_table(&mut connection).await.unwrap();
    DatabaseLayer::create_table(&mut connection).await.unwrap();
    for (environment, key, value) in [
        (None, "backoff.buffer_seconds", json!(1)),
        (None, "backoff.buffer_seconds", json!(2)),
        (None, "telemetry.filter_parameters", json!(["pin"])),
        (Some("production"), "backoff.buffer_seconds", json!(3)),
        (Some("production"), "telemetry.prometheus.compression", json!(null)),
    ] {
        DatabaseLayer::write(&mut connection, environment, key, &value).await.unwrap();
    }
    let plain = DatabaseLayer::read(&mut connection, None).await.unwrap();
    let config = Loader::new().database(plain).load().unwrap();
    assert_eq!(
        (config.backoff.buffer_seconds, config.telemetry.filter_parameters),
        (2, vec!["pin".to_owned()])
    );
    assert_eq!(config.telemetry.prometheus.compression.as_deref(), Some("snappy"));

    let production = DatabaseLayer::read(&mut connection, Some("production")).await.unwrap();
    let config = Loader::new().database(production).load().unwrap();
    assert_eq!((config.backoff.buffer_seconds, config.telemetry.prometheus.compression), (3, None));

    let remove = async |connection: &mut sqlx::PgConnection| {
        DatabaseLayer::remove(connection, Some("production"), "backoff.buffer_seconds").await.unwrap()
    };
    assert!(remove(&mut connection).await);
    assert!(!remove(&mut connection).await);
    let production = DatabaseLayer::read(&mut connection, Some("production")).await.unwrap();
    assert_eq!(Loader::new().database(production).load().unwrap().backoff.buffer_seconds, 2);
}

#[sqlx::test(migrations = false)]
async fn rows_are_checked_when_they_are_loaded(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    DatabaseLayer::create_table(&mut connection).await.unwrap();
    for (key, value) in
        [("backoff.buffer_seconds", json!("x")), ("nothing", json!(1)), ("a[99999999999]", json!(1))]
    {
        DatabaseLayer::write(&mut connection, None, key, &value).await.unwrap();
    }
    let layer = DatabaseLayer::read(&mut connection, None).await.unwrap();
    let found = problems(&Loader::new().database(layer));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("database: a[99999999999]: expected one of auth, "), "{found:?}");
    assert_eq!(found[1], "database: backoff.buffer_seconds: expected an integer, got \"x\"");
}

#[sqlx::test]
async fn the_table_is_made_on_request_only(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let error = DatabaseLayer::read(&mut connection, None).await.unwrap_err();
    assert!(error.to_string().contains("relation \"tasker_core_settings\" does not exist"), "{error}");
    let differences = tasker_core::schema::check(&mut connection).await.unwrap();
    DatabaseLayer::create_table(&mut connection).await.unwrap();
    assert_eq!(tasker_core::schema::check(&mut connection).await.unwrap(), differences);
}
