//! `tasker_step_dag_relationships`

use crate::support::engine;
use crate::support::world::{Plan, World};
use sqlx::{FromRow, PgPool};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::relationships::{of_steps, of_tasks};
use tasker_core::relationships::Relationship;
use tasker_core::store::Connection;

/// The view works through every path of every task at once; tasks with more lose their edges.
const MOST_PATHS: f64 = 3_000.0;

#[derive(Debug, PartialEq, FromRow)]
struct Row {
    workflow_step_id: i64,
    task_id: i64,
    named_step_id: i32,
    parent_step_ids: String,
    child_step_ids: String,
    parent_count: i64,
    child_count: i64,
    is_root_step: bool,
    is_leaf_step: bool,
    min_depth_from_root: Option<i32>,
}

impl From<Relationship> for Row {
    fn from(of: Relationship) -> Self {
        let list = |steps: &[StepId]| {
            format!("[{}]", steps.iter().map(StepId::to_string).collect::<Vec<_>>().join(", "))
        };
        Row {
            workflow_step_id: of.step.id.0,
            task_id: of.step.task_id.0,
            named_step_id: i32::try_from(of.step.named_step_id.0).unwrap(),
            parent_step_ids: list(&of.parents),
            child_step_ids: list(&of.children),
            parent_count: of.parents.len() as i64,
            child_count: of.children.len() as i64,
            is_root_step: of.parents.is_empty(),
            is_leaf_step: of.children.is_empty(),
            min_depth_from_root: of.depth.map(|depth| depth as i32),
        }
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_every_task_and_step(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[0.3, 0.6, 1.0] }).await;
    engine::install_view(&mut world.tx).await;
    let dense: Vec<i64> =
        world.tasks.iter().filter(|task| task.paths() > MOST_PATHS).map(|task| task.id).collect();
    sqlx::query(
        "delete from tasker_workflow_step_edges e using tasker_workflow_steps s
         where s.workflow_step_id = e.to_step_id and s.task_id = any($1)",
    )
    .bind(&dense)
    .execute(&mut *world.tx)
    .await
    .unwrap();
    let theirs: Vec<Row> = sqlx::query_as(
        "select workflow_step_id, task_id, named_step_id, parent_step_ids::text, child_step_ids::text, parent_count,
                child_count, is_root_step, is_leaf_step, min_depth_from_root
         from tasker_step_dag_relationships order by task_id, workflow_step_id",
    )
    .fetch_all(&mut *world.tx)
    .await
    .unwrap();
    let steps: Vec<StepId> = theirs.iter().map(|row| StepId(row.workflow_step_id)).collect();
    let session = &mut Connection(&mut world.tx);
    let by_step = of_steps(session, &steps).await.unwrap();
    assert_eq!(by_step.into_iter().map(Row::from).collect::<Vec<_>>(), theirs);
    let tasks: Vec<TaskId> = world.tasks.iter().map(|task| TaskId(task.id)).collect();
    let by_task = of_tasks(session, &tasks).await.unwrap();
    assert_eq!(by_task.into_iter().map(Row::from).collect::<Vec<_>>(), theirs);
    for theirs in theirs.chunk_by(|one, other| one.task_id == other.task_id) {
        let ours = of_tasks(session, &[TaskId(theirs[0].task_id)]).await.unwrap();
        assert_eq!(ours.into_iter().map(Row::from).collect::<Vec<_>>(), theirs);
    }
    let deepest = theirs.iter().filter_map(|row| row.min_depth_from_root).max();
    println!(
        "{} steps compared, {} tasks without edges, the deepest at {deepest:?}",
        theirs.len(),
        dense.len()
    );
    assert!(deepest >= Some(5) && dense.len() < tasks.len() / 2, "the world is too flat to say anything");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_nobody(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let session = &mut Connection(&mut connection);
    assert_eq!(of_steps(session, &[StepId(1)]).await.unwrap(), []);
    assert_eq!(of_tasks(session, &[]).await.unwrap(), []);
}
