//! Conditions about rows of other tables, and what is loaded with the rows.

use crate::support::{keys, world};
use sqlx::PgPool;
use tasker_core::models::{Model, Task, WorkflowStep};
use tasker_core::query::Query;
use tasker_core::state::State;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn rows_with_and_without_related_rows(pool: PgPool) {
    let mut tx = world(&pool).await;
    let failed = Query::<WorkflowStep>::new().by_current_state(State::Error);
    let with = Query::<Task>::new().where_has(Task::WORKFLOW_STEPS, &failed);
    let without = Query::<Task>::new().where_has_no(Task::WORKFLOW_STEPS, &failed);
    let expected = keys(
        &mut tx,
        "select distinct task_id from tasker_workflow_steps join tasker_workflow_step_transitions t using (workflow_step_id)
         where t.most_recent and to_state = 'error' order by 1",
    )
    .await;
    let mut found = with.keys(&mut *tx).await.unwrap();
    found.sort_unstable();
    assert!(!found.is_empty());
    assert_eq!(found, expected);
    assert_eq!(without.count(&mut *tx).await.unwrap(), 60 - found.len() as u64);
    assert!(!with.where_has_no(Task::WORKFLOW_STEPS, &failed).exists(&mut *tx).await.unwrap());
}

/// Both sides are of one table, and an edge stands between.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_by_their_parents(pool: PgPool) {
    let mut tx = world(&pool).await;
    let failed = Query::<WorkflowStep>::new().failed();
    let mut found =
        Query::<WorkflowStep>::new().where_has(WorkflowStep::PARENTS, &failed).keys(&mut *tx).await.unwrap();
    found.sort_unstable();
    let expected = keys(
        &mut tx,
        "select distinct to_step_id from tasker_workflow_step_edges
         join tasker_workflow_step_transitions t on t.workflow_step_id = from_step_id
         where t.most_recent and to_state = 'error' order by 1",
    )
    .await;
    assert!(!found.is_empty());
    assert_eq!(found, expected);
    let roots = Query::<WorkflowStep>::new().where_has_no(WorkflowStep::PARENTS, &Query::new());
    let expected = keys(
        &mut tx,
        "select count(*) from tasker_workflow_steps where workflow_step_id not in (select to_step_id from tasker_workflow_step_edges)",
    )
    .await;
    assert_eq!(roots.count(&mut *tx).await.unwrap() as i64, expected[0]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_subquery_keeps_its_limit(pool: PgPool) {
    let mut tx = world(&pool).await;
    let newest = Query::<Task>::new().order_by(Task::created_at.desc()).limit(2);
    let tasks = newest.keys(&mut *tx).await.unwrap();
    let steps = Query::<WorkflowStep>::new().of_tasks(&newest).all(&mut *tx).await.unwrap();
    assert!(!steps.is_empty());
    assert!(steps.iter().all(|step| tasks.contains(&step.task_id)));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn associated_rows_are_loaded_beside(pool: PgPool) {
    let mut tx = world(&pool).await;
    let (tasks, steps) =
        Query::<Task>::new().in_namespace("payments").all_with(Task::WORKFLOW_STEPS, &mut *tx).await.unwrap();
    assert!(!tasks.is_empty());
    for task in &tasks {
        let mut expected = Query::<WorkflowStep>::new().for_task(task.key()).keys(&mut *tx).await.unwrap();
        expected.sort_unstable();
        assert_eq!(steps.of(task).iter().map(Model::key).collect::<Vec<_>>(), expected);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tasks_come_with_everything_that_belongs_to_them(pool: PgPool) {
    let mut tx = world(&pool).await;
    let query = Query::<Task>::new().in_namespace("payments").order_by(Task::created_at.desc()).limit(8);
    let tasks = query.all(&mut *tx).await.unwrap();
    let associated = query.with_all_associated(&mut *tx).await.unwrap();
    assert_eq!(associated.iter().map(|one| one.task.clone()).collect::<Vec<_>>(), tasks);
    let (mut parents, mut annotations) = (0, 0);
    for one in &associated {
        assert_eq!(one.named_task, one.task.named_task(&mut *tx).await.unwrap());
        assert_eq!(one.task_namespace.name, "payments");
        assert_eq!(one.task_transitions, one.task.task_transitions(&mut *tx).await.unwrap());
        let notes: Vec<_> = one.task_annotations.iter().map(|(note, _)| note.clone()).collect();
        assert_eq!(notes, one.task.task_annotations(&mut *tx).await.unwrap());
        assert!(
            one.task_annotations
                .iter()
                .all(|(note, kind)| note.annotation_type_id == kind.annotation_type_id)
        );
        let steps: Vec<_> = one.workflow_steps.iter().map(|step| step.step.clone()).collect();
        assert_eq!(steps, one.task.workflow_steps(&mut *tx).await.unwrap());
        for step in &one.workflow_steps {
            assert_eq!(step.named_step, step.step.named_step(&mut *tx).await.unwrap());
            assert_eq!(step.parents, step.step.parents(&mut *tx).await.unwrap());
            assert_eq!(step.children, step.step.children(&mut *tx).await.unwrap());
            parents += step.parents.len();
        }
        annotations += notes.len();
    }
    assert!(parents > 0 && annotations > 0);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn names_of_named_tasks_are_counted_once(pool: PgPool) {
    let mut tx = world(&pool).await;
    assert_eq!(Query::<Task>::new().unique_task_types_count(&mut *tx).await.unwrap(), 2);
    let settle = Query::<Task>::new().with_task_name("settle");
    assert_eq!(settle.unique_task_types_count(&mut *tx).await.unwrap(), 1);
    let none = Query::<Task>::new().with_task_name("nothing");
    assert_eq!(none.unique_task_types_count(&mut *tx).await.unwrap(), 0);
}
