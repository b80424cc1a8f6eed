//! Edges.

use crate::support::{messages, step, task};
use sqlx::PgPool;
use tasker_core::models::{Model, New, NewWorkflowStepEdge, Record, WorkflowStepEdge};

const CYCLE: &str = "Adding this edge would create a cycle in the workflow";

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn edges_are_created_found_changed_and_deleted(pool: PgPool) {
    let task = task(&pool).await;
    let (a, b) = (step(&task, "a", &pool).await, step(&task, "b", &pool).await);
    let new = NewWorkflowStepEdge::new(a.key(), b.key());
    let mut edge = new.clone().create(&pool).await.unwrap();
    assert_eq!(edge.name, WorkflowStepEdge::PROVIDES);
    assert_eq!(new.clone().find_or_create(&pool).await.unwrap(), edge);
    let named = NewWorkflowStepEdge { name: "blocks".into(), ..new.clone() };
    assert_ne!(named.find_or_create(&pool).await.unwrap(), edge, "the name is part of it");
    assert_ne!(new.create(&pool).await.unwrap(), edge, "as with Rails, an edge may be there twice");
    assert_eq!((edge.from_step(&pool).await.unwrap(), edge.to_step(&pool).await.unwrap()), (a, b));

    edge.update(|edge| edge.name = "renamed".into(), &pool).await.unwrap();
    assert_eq!(WorkflowStepEdge::find(edge.key(), &pool).await.unwrap(), edge);
    assert_eq!(messages(edge.update(|edge| edge.name.clear(), &pool).await), ["Name can't be blank"]);
    edge.delete(&pool).await.unwrap();
    assert_eq!(
        WorkflowStepEdge::find_all(WorkflowStepEdge::KEY.is_not_null(), &pool).await.unwrap().len(),
        2
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn refuses_circles_and_what_is_not_there(pool: PgPool) {
    let task = task(&pool).await;
    let (a, b) = (step(&task, "a", &pool).await, step(&task, "b", &pool).await);
    let c = step(&task, "c", &pool).await;
    for (from, to) in [(&a, &b), (&b, &c)] {
        NewWorkflowStepEdge::new(from.key(), to.key()).create(&pool).await.unwrap();
    }
    for (from, to) in [(&b, &a), (&c, &a), (&a, &a)] {
        let edge = NewWorkflowStepEdge::new(from.key(), to.key());
        assert_eq!(messages(edge.clone().create(&pool).await), [CYCLE]);
        assert_eq!(messages(edge.find_or_create(&pool).await), [CYCLE]);
    }
    assert_eq!(
        messages(NewWorkflowStepEdge::new(70, 70).create(&pool).await),
        ["From step must exist", "To step must exist"]
    );
    assert_eq!(
        WorkflowStepEdge::find_all(WorkflowStepEdge::KEY.is_not_null(), &pool).await.unwrap().len(),
        2
    );
}
