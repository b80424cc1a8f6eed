//! Single records of every model.

use sqlx::{PgConnection, PgPool};
use tasker_core::Error;
use tasker_core::factories::{Factory, Sequence};
use tasker_core::models::*;

/// Creates two of a model, which are two rows; both can be found again, and the first one as it is.
async fn assert_created<F: Factory>(sequence: &Sequence, connection: &mut PgConnection)
where
    F::New: Send,
{
    let first = F::create(sequence, connection).await.unwrap_or_else(|error| panic!("{}: {error}", F::NAME));
    let second = F::create(sequence, connection).await.unwrap_or_else(|error| panic!("{}: {error}", F::NAME));
    assert_ne!(first.key(), second.key(), "{}", F::NAME);
    assert_eq!(F::find(first.key(), &mut *connection).await.unwrap(), first);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_model_has_a_factory(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let sequence = Sequence::new(1);
    assert_created::<TaskNamespace>(&sequence, &mut tx).await;
    assert_created::<NamedTask>(&sequence, &mut tx).await;
    assert_created::<DependentSystem>(&sequence, &mut tx).await;
    assert_created::<DependentSystemObjectMap>(&sequence, &mut tx).await;
    assert_created::<NamedStep>(&sequence, &mut tx).await;
    assert_created::<NamedTasksNamedStep>(&sequence, &mut tx).await;
    assert_created::<Task>(&sequence, &mut tx).await;
    assert_created::<WorkflowStep>(&sequence, &mut tx).await;
    assert_created::<WorkflowStepEdge>(&sequence, &mut tx).await;
    assert_created::<AnnotationType>(&sequence, &mut tx).await;
    assert_created::<TaskAnnotation>(&sequence, &mut tx).await;
    assert_created::<TaskTransition>(&sequence, &mut tx).await;
    assert_created::<WorkflowStepTransition>(&sequence, &mut tx).await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_is_given_is_not_created_again(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let sequence = Sequence::new(1);
    let task = Task::create(&sequence, &mut tx).await.unwrap();
    let step =
        WorkflowStep::create_with(&sequence, |step| step.task_id = task.task_id, &mut tx).await.unwrap();
    let edge =
        WorkflowStepEdge::create_with(&sequence, |edge| edge.to_step_id = step.workflow_step_id, &mut tx);
    let edge = edge.await.unwrap();
    let parent = WorkflowStep::find(edge.from_step_id, &mut *tx).await.unwrap();
    assert_eq!((edge.to_step_id, parent.task_id), (step.workflow_step_id, task.task_id));
    let tasks: i64 =
        sqlx::query_scalar("select count(*) from tasker_tasks").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(tasks, 1);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_same_record_is_found_and_another_created(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let sequence = Sequence::new(1);
    let named = |name: &'static str| move |new: &mut NewTaskNamespace| new.name = name.to_owned();
    let first = TaskNamespace::find_or_create(&sequence, named("payments"), &mut tx).await.unwrap();
    assert_eq!(TaskNamespace::find_or_create(&sequence, named("payments"), &mut tx).await.unwrap(), first);
    assert_ne!(TaskNamespace::find_or_create(&sequence, named("orders"), &mut tx).await.unwrap(), first);

    let edge = WorkflowStepEdge::create(&sequence, &mut tx).await.unwrap();
    let (from, to) = (edge.from_step_id, edge.to_step_id);
    let same = move |new: &mut NewWorkflowStepEdge| (new.from_step_id, new.to_step_id) = (from, to);
    assert_eq!(WorkflowStepEdge::find_or_create(&sequence, same, &mut tx).await.unwrap(), edge);
    let renamed = move |new: &mut NewWorkflowStepEdge| {
        same(new);
        new.name = "other".to_owned();
    };
    assert_ne!(WorkflowStepEdge::find_or_create(&sequence, renamed, &mut tx).await.unwrap(), edge);

    let back = move |new: &mut NewWorkflowStepEdge| (new.from_step_id, new.to_step_id) = (to, from);
    let cycle = WorkflowStepEdge::create_with(&sequence, back, &mut tx).await.unwrap_err();
    assert!(matches!(cycle, Error::Invalid(_)), "{cycle}");
}
