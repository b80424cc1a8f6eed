//! Tasks.

use crate::support::{messages, rows_of_tasks, step, task};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{
    Model, New, NewAnnotationType, NewTask, NewTaskAnnotation, NewTaskTransition, NewWorkflowStepEdge,
    NewWorkflowStepTransition, Record, Task,
};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_fresh_task_has_the_defaults_of_rails(pool: PgPool) {
    let task = task(&pool).await;
    assert!(!task.complete);
    assert_eq!(task.requested_at, task.created_at);
    let unknown = Some("unknown".to_owned());
    assert_eq!((&task.initiator, &task.source_system, &task.reason), (&unknown, &unknown, &unknown));
    assert_eq!((&task.tags, &task.bypass_steps), (&Some(json!([])), &Some(json!([]))));
    assert_eq!(task.context, Some(json!({ "payout": 7 })));
    assert_eq!((task.identity_hash.len(), task.identity_hash.as_bytes()[14]), (36, b'4'));
    assert_eq!(Task::find(task.key(), &pool).await.unwrap(), task);
    assert_eq!(task.named_task(&pool).await.unwrap().name, "settle");
    assert_eq!(task.named_task(&pool).await.unwrap().tasks(&pool).await.unwrap(), [task]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn refuses_what_rails_refuses(pool: PgPool) {
    let mut there = task(&pool).await;
    let named_task = there.named_task_id;
    for blank in [json!({}), json!([]), json!(null), json!(false), json!(" ")] {
        assert_eq!(messages(NewTask::new(named_task, blank).create(&pool).await), ["Context can't be blank"]);
    }
    NewTask::new(named_task, json!(0)).create(&pool).await.unwrap();
    let again =
        NewTask { identity_hash: there.identity_hash.clone(), ..NewTask::new(named_task, json!({ "a": 1 })) };
    assert_eq!(
        messages(again.clone().create(&pool).await),
        ["Identity hash is identical to a request made in the last minute"]
    );
    assert_eq!(again.find_or_create(&pool).await.unwrap(), there);
    assert_eq!(
        messages(NewTask::new(70, json!({ "a": 1 })).create(&pool).await),
        ["Named task must exist", "Named task no task name found"]
    );
    let cleared = there.update(|task| task.context = None, &pool).await;
    assert_eq!(messages(cleared), ["Context can't be blank"]);
    there.update(|task| task.reason = None, &pool).await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn rows_with_nulls_decode(pool: PgPool) {
    let made = task(&pool).await;
    sqlx::query(
        "insert into tasker_tasks (named_task_id, requested_at, identity_hash, created_at, updated_at)
         values (1, now(), 'x', now(), now())",
    )
    .execute(&pool)
    .await
    .unwrap();
    let bare = Task::find(made.key() + 1, &pool).await.unwrap();
    assert_eq!(
        (&bare.initiator, &bare.bypass_steps, &bare.tags, &bare.context),
        (&None, &None, &None, &None)
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn json_stands_beside_jsonb(pool: PgPool) {
    let mut task = task(&pool).await;
    let words = json!(["b", "a", "b"]);
    task.update(|task| (task.bypass_steps, task.tags) = (Some(words.clone()), Some(words.clone())), &pool)
        .await
        .unwrap();
    assert_eq!(Task::find(task.key(), &pool).await.unwrap(), task);
    // A column of type json keeps the text, which is that of Rails.
    let text: String =
        sqlx::query_scalar("select bypass_steps::text from tasker_tasks").fetch_one(&pool).await.unwrap();
    assert_eq!(text, r#"["b","a","b"]"#);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_goes_with_all_that_belongs_to_it(pool: PgPool) {
    let (doomed, kept) = (task(&pool).await, task(&pool).await);
    let kind = NewAnnotationType::new("origin").create(&pool).await.unwrap();
    let mut steps = Vec::new();
    for task in [&doomed, &kept] {
        let (first, second) = (step(task, "first", &pool).await, step(task, "second", &pool).await);
        NewWorkflowStepEdge::new(first.key(), second.key()).create(&pool).await.unwrap();
        NewWorkflowStepTransition::new(first.key(), "pending", 10).create(&pool).await.unwrap();
        NewTaskTransition::new(task.key(), "pending", 10).create(&pool).await.unwrap();
        NewTaskAnnotation::new(task.key(), kind.key()).create(&pool).await.unwrap();
        steps.push((first, second));
    }
    // An edge between tasks, which nothing forbids.
    NewWorkflowStepEdge::new(steps[1].1.key(), steps[0].0.key()).create(&pool).await.unwrap();
    assert_eq!(rows_of_tasks(&pool).await, [2, 2, 2, 4, 3, 2]);

    doomed.delete(&pool).await.unwrap();
    assert_eq!(rows_of_tasks(&pool).await, [1, 1, 1, 2, 1, 1]);
    assert_eq!(Task::find(kept.key(), &pool).await.unwrap(), kept);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_column_is_a_value_or_null(pool: PgPool) {
    let with_reason = task(&pool).await;
    let mut without =
        NewTask::new(with_reason.named_task_id, json!({ "payout": 8 })).create(&pool).await.unwrap();
    without.update(|task| task.reason = None, &pool).await.unwrap();
    assert_eq!(without.reason, None);
    for task in [&with_reason, &without] {
        let found = Task::find_all(Task::reason.is(task.reason.clone()), &pool).await.unwrap();
        assert_eq!(found.iter().map(Model::key).collect::<Vec<_>>(), [task.task_id]);
    }
}
