//! The engine's own database.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

const VARIABLE: &str = "TASKER_CORE_ENGINE_DATABASE_URL";

/// The functions that the core's operations stand in for, and those that these call.
const FUNCTIONS: [&str; 9] = [
    "get_step_readiness_status",
    "get_step_readiness_status_batch",
    "get_task_execution_context",
    "get_task_execution_contexts_batch",
    "calculate_dependency_levels",
    "get_system_health_counts_v01",
    "get_analytics_metrics_v01",
    "get_slowest_steps_v01",
    "get_slowest_tasks_v01",
];

/// A connection to a database that the engine's migrations have prepared.
pub async fn connect() -> PgConnection {
    let url = std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set: expected the URL of a database that the engine's migrations have prepared \
             (spec/dummy/bin/prepare makes one)"
        )
    });
    PgConnection::connect(&url)
        .await
        .unwrap_or_else(|error| panic!("no connection to {VARIABLE} {url:?}: {error}"))
}

/// Gives a database the engine's view of steps among their neighbours, as it is in the engine's own.
pub async fn install_view(connection: &mut PgConnection) {
    let mut engine = connect().await;
    let definition: String =
        sqlx::query_scalar("select pg_get_viewdef('tasker_step_dag_relationships'::regclass)")
            .fetch_one(&mut engine)
            .await
            .unwrap();
    let create = format!("create view tasker_step_dag_relationships as {definition}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(connection).await.unwrap();
}

/// Gives a database the engine's functions, as they are in the engine's own.
pub async fn install_functions(connection: &mut PgConnection) {
    let mut engine = connect().await;
    for name in FUNCTIONS {
        let definitions: Vec<String> =
            sqlx::query_scalar("select pg_get_functiondef(oid) from pg_proc where proname = $1")
                .bind(name)
                .fetch_all(&mut engine)
                .await
                .unwrap();
        let [definition] = &definitions[..] else {
            panic!("{VARIABLE} should have one function {name}, got {}", definitions.len())
        };
        sqlx::raw_sql(AssertSqlSafe(definition.as_str())).execute(&mut *connection).await.unwrap();
    }
}
