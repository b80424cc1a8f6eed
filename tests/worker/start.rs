//! Databases and handlers that a worker refuses, each with one error.

use crate::support::{chain, database, done, execute};
use sqlx::PgPool;
use std::time::Duration;
use tasker_core::worker::{Registry, StepHandler, TaskHandlers, Worker, WorkerOptions};

fn handlers() -> TaskHandlers {
    TaskHandlers::of(&chain("order", &["pay"])).step("pay", StepHandler::new(done))
}

async fn refusal(pool: &PgPool, options: WorkerOptions) -> String {
    let registry = Registry::new([handlers()]).unwrap();
    match Worker::start(database(pool), registry, options).await {
        Ok(_) => panic!("expected a refusal"),
        Err(error) => error.to_string(),
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_schema_that_is_too_old(pool: PgPool) {
    execute("alter table tasker_workflow_steps drop column backoff_request_seconds cascade", &pool).await;
    let error = refusal(&pool, WorkerOptions::default()).await;
    assert!(
        error.starts_with(
            "the schema of this database cannot be used: column tasker_workflow_steps.backoff_request_seconds: expected integer"
        ),
        "{error}"
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_schema_that_is_too_new(pool: PgPool) {
    execute("alter table tasker_tasks add column tenant text not null", &pool).await;
    let error = refusal(&pool, WorkerOptions::default()).await;
    let expected =
        "the schema of this database cannot be used: column tasker_tasks.tenant: expected none, found text";
    assert!(error.starts_with(expected), "{error}");
}

#[sqlx::test(migrations = false)]
async fn a_database_without_tables(pool: PgPool) {
    let error = refusal(&pool, WorkerOptions::default()).await;
    assert!(error.contains("table tasker_annotation_types: expected one, found none (and "), "{error}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_database_that_is_read_only(pool: PgPool) {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let statement = format!("alter database \"{name}\" set default_transaction_read_only = on");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    let error = refusal(&pool, WorkerOptions::default()).await;
    assert_eq!(
        error,
        "the database of a worker: expected one that can be written to, got one that is read-only"
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn options_that_contradict_each_other(pool: PgPool) {
    let error = refusal(&pool, WorkerOptions { connections: 0, ..WorkerOptions::default() }).await;
    let expected = "options of a worker: expected tasks, steps_of_a_task, attempts and connections of one at least, got [16, 4, 16, 0]";
    assert_eq!(error, expected);
    let look_every = Duration::from_millis(10);
    let error = refusal(&pool, WorkerOptions { look_every, ..WorkerOptions::default() }).await;
    assert!(error.contains("expected look_every of one second at least"), "{error}");
    let recovery = Some(Duration::ZERO);
    let error = refusal(&pool, WorkerOptions { recovery, ..WorkerOptions::default() }).await;
    assert!(error.ends_with("expected a grace period above zero, got 0s"), "{error}");
}

#[test]
fn handlers_that_contradict_their_template() {
    let error = |handlers: Vec<TaskHandlers>| Registry::new(handlers).unwrap_err().to_string();
    assert_eq!(error(vec![]), "a worker: expected handlers for one kind of task at least, got none");
    let template = chain("order", &["pay"]);
    assert_eq!(
        error(vec![TaskHandlers::of(&template)]),
        "handlers of default/order 0.1.0: expected a handler for one step at least, got none"
    );
    assert_eq!(
        error(vec![handlers().step("ship", StepHandler::new(done))]),
        r#"handlers of default/order 0.1.0: expected a step of the template, ["pay"], got "ship""#
    );
    assert_eq!(
        error(vec![handlers().step("pay", StepHandler::new(done))]),
        r#"handlers of default/order 0.1.0: expected one handler for "pay", got two"#
    );
}
