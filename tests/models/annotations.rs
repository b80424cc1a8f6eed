//! Annotations of tasks.

use crate::support::{messages, task};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{
    AnnotationType, Model, New, NewAnnotationType, NewTaskAnnotation, Record, TaskAnnotation,
};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn types_are_unique_and_go_with_their_annotations(pool: PgPool) {
    let mut kind = NewAnnotationType::new("origin").create(&pool).await.unwrap();
    assert_eq!(
        messages(NewAnnotationType::new("origin").create(&pool).await),
        ["Name has already been taken"]
    );
    assert_eq!(messages(NewAnnotationType::new("").create(&pool).await), ["Name can't be blank"]);
    assert_eq!(NewAnnotationType::new("origin").find_or_create(&pool).await.unwrap(), kind);
    kind.update(|kind| kind.description = Some("Where it came from".into()), &pool).await.unwrap();
    assert_eq!(AnnotationType::find(kind.key(), &pool).await.unwrap(), kind);

    let task = task(&pool).await;
    NewTaskAnnotation::new(task.key(), kind.key()).create(&pool).await.unwrap();
    kind.delete(&pool).await.unwrap();
    assert_eq!(task.task_annotations(&pool).await.unwrap(), []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_has_annotations_of_types(pool: PgPool) {
    let (task, kind) = (task(&pool).await, NewAnnotationType::new("origin").create(&pool).await.unwrap());
    let new = |annotation| NewTaskAnnotation { annotation, ..NewTaskAnnotation::new(task.key(), kind.key()) };
    let first = new(Some(json!({ "by": "ü", "n": 1.5 }))).find_or_create(&pool).await.unwrap();
    assert_eq!(new(Some(json!({ "n": 1.50, "by": "ü" }))).find_or_create(&pool).await.unwrap(), first);
    let empty = new(None).find_or_create(&pool).await.unwrap();
    assert_eq!(new(None).find_or_create(&pool).await.unwrap(), empty);
    assert_ne!(new(Some(json!(null))).find_or_create(&pool).await.unwrap(), empty);

    assert_eq!(task.task_annotations(&pool).await.unwrap().len(), 3);
    assert_eq!(task.annotation_types(&pool).await.unwrap(), [kind.clone(), kind.clone(), kind.clone()]);
    assert_eq!(kind.task_annotations(&pool).await.unwrap()[0], first);
    assert_eq!(first.task(&pool).await.unwrap(), task);
    assert_eq!(first.annotation_type(&pool).await.unwrap(), kind);

    let mut changed = first.clone();
    changed.update(|first| first.annotation = None, &pool).await.unwrap();
    assert_eq!(TaskAnnotation::find(first.key(), &pool).await.unwrap().annotation, None);
    changed.delete(&pool).await.unwrap();
    assert_eq!(task.task_annotations(&pool).await.unwrap().len(), 2);
    assert_eq!(
        messages(NewTaskAnnotation::new(70, 80).create(&pool).await),
        ["Task must exist", "Annotation type must exist"]
    );
}
