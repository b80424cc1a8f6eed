//! Where the engine has no answer and the core has one.

use crate::support::{engine, seed};
use sqlx::{Connection as _, PgConnection, PgPool};
use tasker_core::Error;
use tasker_core::backoff::LONGEST_FAILURE_WAIT;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::step_readiness;
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;

async fn prepare(pool: &PgPool) -> (sqlx::pool::PoolConnection<sqlx::Postgres>, Subject) {
    let mut connection = pool.acquire().await.unwrap();
    engine::install_functions(&mut connection).await;
    seed::definitions(&mut connection).await;
    let task = seed::task(&mut connection).await;
    (connection, task)
}

/// The SQLSTATE with which the engine's statement ends, in a savepoint of its own.
async fn engine_fails_with(connection: &mut PgConnection, statement: &'static str, task: Subject) -> String {
    let mut tx = connection.begin().await.unwrap();
    sqlx::raw_sql("set local statement_timeout = 300").execute(&mut *tx).await.unwrap();
    let error = sqlx::query(statement).bind(task.id).fetch_all(&mut *tx).await.unwrap_err();
    error.as_database_error().unwrap().code().unwrap().into_owned()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn from_44_attempts_on_the_engines_wait_overflows(pool: PgPool) {
    let (mut connection, task) = prepare(&pool).await;
    let step = seed::step(&mut connection, task).await;
    seed::record(&mut connection, step, "error").await;
    for attempts in [43, 44, i32::MAX] {
        sqlx::query("update tasker_workflow_steps set attempts = $1, retry_limit = 0")
            .bind(attempts)
            .execute(&mut *connection)
            .await
            .unwrap();
        let engine = "select * from get_step_readiness_status($1)";
        if attempts == 43 {
            assert_eq!(sqlx::query(engine).bind(task.id).fetch_all(&mut *connection).await.unwrap().len(), 1);
        } else {
            let code = engine_fails_with(&mut connection, engine, task).await;
            assert!(code.starts_with("22"), "expected a data exception, got {code}");
        }
        let ours = step_readiness(&mut Connection(&mut connection), TaskId(task.id), None).await.unwrap();
        assert_eq!(
            ours[0].next_retry_at,
            Some(seed::SEEDED_AT + LONGEST_FAILURE_WAIT),
            "{attempts} attempts"
        );
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn in_a_cycle_the_engine_goes_round_until_the_timeout(pool: PgPool) {
    let (mut connection, task) = prepare(&pool).await;
    let steps = seed::steps(&mut connection, task, 4).await;
    for (from, to) in [(0, 1), (1, 2), (2, 1), (2, 3)] {
        seed::edge(&mut connection, steps[from], steps[to]).await;
    }
    let engine = "select * from calculate_dependency_levels($1)";
    assert_eq!(engine_fails_with(&mut connection, engine, task).await, "57014");
    let ours = dependency_levels(&mut Connection(&mut connection), TaskId(task.id)).await;
    let Err(Error::Cycle(cycle)) = ours else { panic!("expected a cycle, got {ours:?}") };
    assert_eq!(cycle, [StepId(steps[1].id), StepId(steps[2].id)]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_cycle_that_no_root_leads_into_is_no_error_to_either(pool: PgPool) {
    let (mut connection, task) = prepare(&pool).await;
    let steps = seed::steps(&mut connection, task, 3).await;
    for (from, to) in [(1, 2), (2, 1)] {
        seed::edge(&mut connection, steps[from], steps[to]).await;
    }
    let engine = sqlx::query("select * from calculate_dependency_levels($1)").bind(task.id);
    assert_eq!(engine.fetch_all(&mut *connection).await.unwrap().len(), 1);
    let ours = dependency_levels(&mut Connection(&mut connection), TaskId(task.id)).await.unwrap();
    assert_eq!(ours.iter().map(|level| level.step.0).collect::<Vec<_>>(), [steps[0].id]);
}
