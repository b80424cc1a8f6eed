//! How PostgreSQL plans the statements.

use crate::support::seed::request;
use crate::support::world::{Plan, World};
use sqlx::PgPool;
use tasker_core::ids::TaskId;
use tasker_core::machine::Owner;
use tasker_core::operations::context::task_execution_context;
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::step_readiness;
use tasker_core::operations::transition::{Subject, check, current_state, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

/// Plans made for one execution before PostgreSQL considers a general one.
const CUSTOM_PLANS: i64 = 5;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_statement_keeps_its_general_plan(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[1.0] }).await;
    for task in world.tasks.iter().take(12) {
        let id = TaskId(task.id);
        let session = &mut Connection(&mut world.tx);
        step_readiness(session, id, None).await.unwrap();
        task_execution_context(session, id).await.unwrap();
        dependency_levels(session, id).await.unwrap();
        for owner in [Owner::Task, Owner::Step] {
            let subject = Subject { owner, id: task.id };
            current_state(session, subject).await.unwrap();
            let _ = check(session, subject, &State::InProgress, None).await.unwrap();
            let _ = transition(session, &request(subject, State::InProgress)).await.unwrap();
        }
    }
    let statements: Vec<(String, i64, i64)> = sqlx::query_as(
        "select statement, generic_plans, custom_plans from pg_prepared_statements
         where statement ~ 'from tasker_|into tasker_' and generic_plans + custom_plans >= 12",
    )
    .fetch_all(&mut *world.tx)
    .await
    .unwrap();
    assert_eq!(statements.len(), 9);
    for (statement, general, custom) in statements {
        assert_eq!(custom, CUSTOM_PLANS, "planned anew in spite of {general} general plans:\n{statement}");
    }
}
