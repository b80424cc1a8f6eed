//! `ready()` beside the core's readiness of the same steps.

use crate::database::world::{Plan, World};
use sqlx::PgPool;
use tasker_core::ids::TaskId;
use tasker_core::models::{Task, WorkflowStep};
use tasker_core::operations::readiness::step_readiness_of_tasks;
use tasker_core::query::Query;
use tasker_core::store::Connection;

/// The random tasks have waits that end on the very microsecond of the transaction.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ready_steps_are_those_of_the_readiness_rule(pool: PgPool) {
    let plan = Plan { steps: 4_000, densities: &[0.0, 0.3, 1.0] };
    let mut world = World::create(&pool, &plan).await;
    // Counts that only hands write: the waits of both rules have their ends there.
    sqlx::raw_sql(
        "update tasker_workflow_steps set attempts = -2147483648 where workflow_step_id % 97 = 0;
         update tasker_workflow_steps set attempts = 2147483646, retry_limit = 2147483647 where workflow_step_id % 89 = 0",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();

    let tasks: Vec<TaskId> = world.tasks.iter().map(|task| TaskId(task.id)).collect();
    let readiness = step_readiness_of_tasks(&mut Connection(&mut world.tx), &tasks).await.unwrap();
    let mut expected: Vec<i64> = readiness
        .iter()
        .filter(|step| step.ready_for_execution)
        .map(|step| step.workflow_step_id.0)
        .collect();
    expected.sort_unstable();
    let ready = Query::<WorkflowStep>::new().ready();
    let mut found = ready.keys(&mut *world.tx).await.unwrap();
    found.sort_unstable();
    assert!(found.len() > 50, "expected many ready steps, got {}", found.len());
    assert_eq!(found, expected);

    let some = Query::<Task>::new().filter(Task::task_id.lt(50));
    let of_some = ready.clone().of_tasks(&some).count(&mut *world.tx).await.unwrap();
    let is_of_some =
        |step: &&tasker_core::readiness::Readiness| step.task_id < TaskId(50) && step.ready_for_execution;
    assert_eq!(of_some as usize, readiness.iter().filter(is_of_some).count());
}
