//! Databases without the engine's functions, or with others of their names.

use crate::support::engine;
use sqlx::PgPool;
use tasker_core::Error;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::functions::{Function, Functions};
use tasker_core::ids::TaskId;
use tasker_core::operations::slowest::Choice;
use tasker_core::store::Connection;

fn assert_missing<T: std::fmt::Debug>(answer: Result<T, Error>, function: Function) {
    match answer.unwrap_err() {
        Error::MissingFunction(signature) => assert_eq!(signature, function.signature()),
        error => panic!("expected a missing function, got {error:?}"),
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_call_names_its_function_and_leaves_the_transaction_usable(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let id = workflow(Pattern::Linear(2)).create(&mut tx).await.unwrap().task;
    let choice = Choice::default();
    let mut session = Connection(&mut tx);
    let mut functions = Functions::new(&mut session);
    assert_missing(functions.step_readiness(id, None).await, Function::StepReadiness);
    assert_missing(functions.step_readiness_batch(&[id]).await, Function::StepReadinessBatch);
    assert_missing(functions.task_execution_context(id).await, Function::TaskExecutionContext);
    assert_missing(
        functions.task_execution_contexts_batch(&[id]).await,
        Function::TaskExecutionContextsBatch,
    );
    assert_missing(functions.dependency_levels(id).await, Function::DependencyLevels);
    assert_missing(functions.system_health_counts().await, Function::SystemHealthCounts);
    assert_missing(functions.analytics_metrics(None).await, Function::AnalyticsMetrics);
    assert_missing(functions.slowest_steps(&choice).await, Function::SlowestSteps);
    assert_missing(functions.slowest_tasks(&choice).await, Function::SlowestTasks);
    assert_eq!(functions.missing().await.unwrap(), Function::ALL);

    assert_eq!(functions.native().step_readiness(id, None).await.unwrap().len(), 2);
    assert_eq!(functions.native().system_health_counts().await.unwrap().total_steps, 2);
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn only_those_that_are_missing_are_named(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    engine::install_functions(&mut connection).await;
    sqlx::raw_sql("drop function calculate_dependency_levels").execute(&mut *connection).await.unwrap();
    let mut session = Connection(&mut connection);
    let mut functions = Functions::new(&mut session);
    assert_eq!(functions.missing().await.unwrap(), [Function::DependencyLevels]);
    assert_eq!(functions.step_readiness(TaskId(1), None).await.unwrap(), []);
    assert_missing(functions.dependency_levels(TaskId(1)).await, Function::DependencyLevels);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_value_that_does_not_fit_is_named(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql(
        "create function calculate_dependency_levels(bigint) returns table (workflow_step_id bigint, dependency_level integer)
         language sql as 'select 7::bigint, -1'",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    let mut session = Connection(&mut connection);
    let error = Functions::new(&mut session).dependency_levels(TaskId(1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "unexpected answer to calculate_dependency_levels: column 1 of row 0 should be a count, got the integer -1"
    );
}
