//! The histories.

use crate::support::{messages, step, task};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{
    Model, New, NewTaskTransition, NewWorkflowStepTransition, Record, TaskTransition, WorkflowStepTransition,
};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_history_of_a_task(pool: PgPool) {
    let task = task(&pool).await;
    let new = NewTaskTransition::new(task.key(), "pending", 10);
    let mut first = new.clone().create(&pool).await.unwrap();
    assert_eq!(
        (first.metadata.clone(), first.from_state.clone(), first.most_recent),
        (Some(json!({})), None, true)
    );
    assert_eq!(new.clone().find_or_create(&pool).await.unwrap(), first);
    assert_eq!(first.task(&pool).await.unwrap(), task);

    let refused = NewTaskTransition { metadata: json!([1]), ..NewTaskTransition::new(70, "done", 10) };
    assert_eq!(
        messages(refused.create(&pool).await),
        [
            "Task must exist",
            "To state is not a valid task state",
            "Task must exist before creating transition",
            "Metadata must be a hash"
        ]
    );
    assert_eq!(messages(new.create(&pool).await), ["Sort key has already been taken"]);

    first.update(|first| first.most_recent = false, &pool).await.unwrap();
    let next = NewTaskTransition {
        metadata: json!({ "by": "me" }),
        ..NewTaskTransition::new(task.key(), "error", 20)
    };
    let next = next.create(&pool).await.unwrap();
    assert_eq!(task.task_transitions(&pool).await.unwrap(), [first, next.clone()]);
    next.delete(&pool).await.unwrap();
    assert_eq!(TaskTransition::find_all(TaskTransition::KEY.is_not_null(), &pool).await.unwrap().len(), 1);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_history_of_a_step(pool: PgPool) {
    let step = step(&task(&pool).await, "pay", &pool).await;
    let new = NewWorkflowStepTransition::new(step.key(), "pending", 10);
    let mut first = new.clone().create(&pool).await.unwrap();
    assert_eq!(new.clone().find_or_create(&pool).await.unwrap(), first);
    assert_eq!(first.workflow_step(&pool).await.unwrap(), step);
    let from = |from_state: &str| NewWorkflowStepTransition {
        from_state: Some(from_state.into()),
        metadata: json!(null),
        ..NewWorkflowStepTransition::new(70, "done", 10)
    };
    assert_eq!(
        messages(from("begun").create(&pool).await),
        [
            "Workflow step must exist",
            "To state is not a valid workflow step state",
            "From state is not a valid workflow step state",
            "Workflow step must reference an existing workflow step"
        ]
    );
    assert_eq!(messages(new.create(&pool).await), ["Sort key has already been taken"]);
    let nowhere = NewWorkflowStepTransition::new(step.key(), "", 20);
    assert_eq!(
        messages(nowhere.create(&pool).await),
        [
            "To state cannot be empty - must specify a valid state",
            "To state is not a valid workflow step state"
        ]
    );
    first
        .update(|first| (first.from_state, first.metadata) = (Some(String::new()), None), &pool)
        .await
        .unwrap();
    assert_eq!((first.from_state.as_ref(), first.metadata.as_ref()), (None, Some(&json!({}))));
    first.update(|first| first.from_state = Some("error".into()), &pool).await.unwrap();
    assert_eq!(WorkflowStepTransition::find(first.key(), &pool).await.unwrap(), first);
    first.delete(&pool).await.unwrap();
    assert_eq!(step.workflow_step_transitions(&pool).await.unwrap(), []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn rows_with_defaults_decode(pool: PgPool) {
    let step = step(&task(&pool).await, "pay", &pool).await;
    sqlx::query(
        "insert into tasker_workflow_step_transitions (to_state, sort_key, workflow_step_id, created_at, updated_at)
         values ('', 10, $1, now(), now())",
    )
    .bind(step.key())
    .execute(&pool)
    .await
    .unwrap();
    let [row] = &step.workflow_step_transitions(&pool).await.unwrap()[..] else { panic!("one row") };
    assert_eq!((row.to_state.as_str(), row.metadata.clone(), row.most_recent), ("", Some(json!({})), true));
}
