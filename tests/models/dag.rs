//! The engine's view of the graph.

use crate::engine;
use crate::support::{step, task};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{Model, New, NewWorkflowStepEdge, StepDagRelationship};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_place_of_a_step(pool: PgPool) {
    engine::install_view(&mut pool.acquire().await.unwrap()).await;
    let task = task(&pool).await;
    let (a, b) = (step(&task, "a", &pool).await, step(&task, "b", &pool).await);
    NewWorkflowStepEdge::new(a.key(), b.key()).create(&pool).await.unwrap();
    let place = b.step_dag_relationship(&pool).await.unwrap().unwrap();
    assert_eq!(
        place,
        StepDagRelationship {
            workflow_step_id: b.key(),
            task_id: task.key(),
            named_step_id: b.named_step_id,
            parent_step_ids: json!([a.key()]),
            child_step_ids: json!([]),
            parent_count: 1,
            child_count: 0,
            is_root_step: false,
            is_leaf_step: true,
            min_depth_from_root: Some(1),
        }
    );
    assert_eq!(StepDagRelationship::find(b.key(), &pool).await.unwrap(), place);
    assert_eq!((place.task(&pool).await.unwrap(), place.workflow_step(&pool).await.unwrap()), (task, b));
}
