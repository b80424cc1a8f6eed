//! `established_steps`

use crate::support::seed::{self, AT, edge};
use crate::support::templates::{define_all, define_elsewhere, diamond, template};
use sqlx::{Connection as _, PgConnection, PgPool};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::sequence::{Template, create_steps, established_steps};
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;

async fn established(
    connection: &mut PgConnection,
    task: Subject,
    templates: &[Template],
) -> Option<Vec<StepId>> {
    let found = established_steps(&mut Connection(connection), TaskId(task.id), templates).await.unwrap();
    found.map(|found| found.steps)
}

/// A task with the diamond's steps.
async fn prepare(connection: &mut PgConnection) -> (Subject, Vec<Subject>) {
    seed::definitions(connection).await;
    let task = seed::task(connection).await;
    define_all(connection, &diamond()).await;
    let session = &mut Connection(connection);
    let created = create_steps(session, TaskId(task.id), &diamond(), "{}", AT).await.unwrap().unwrap();
    (task, created.steps.into_iter().map(|id| Subject { owner: Owner::Step, id: id.0 }).collect())
}

fn ids(steps: &[Subject]) -> Option<Vec<StepId>> {
    Some(steps.iter().map(|step| StepId(step.id)).collect())
}

/// Another step with the definition of `step`.
async fn double(connection: &mut PgConnection, step: Subject) -> Subject {
    let insert = "insert into tasker_workflow_steps (task_id, named_step_id, created_at, updated_at)
                  select task_id, named_step_id, now(), now() from tasker_workflow_steps
                  where workflow_step_id = $1 returning workflow_step_id";
    Subject { id: sqlx::query_scalar(insert).bind(step.id).fetch_one(connection).await.unwrap(), ..step }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn all_of_them_in_the_order_of_the_templates(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = prepare(&mut tx).await;
    assert_eq!(established(&mut tx, task, &diamond()).await, ids(&steps));
    let mut turned = diamond();
    turned.reverse();
    let backwards: Vec<Subject> = steps.iter().rev().copied().collect();
    assert_eq!(established(&mut tx, task, &turned).await, ids(&backwards));
    assert_eq!(established(&mut tx, task, &diamond()[1..3]).await, ids(&steps[1..3]), "some of them");
    assert_eq!(established(&mut tx, task, &[]).await, Some(vec![]), "none of them");
    let changed = Template { retry_limit: 9, retryable: false, skippable: true, ..template("start", &[]) };
    assert_eq!(established(&mut tx, task, &[changed]).await, ids(&steps[2..3]), "settings do not count");
    let unbound = [template("join", &[]), template("start", &[])];
    assert_eq!(established(&mut tx, task, &unbound).await, ids(&[steps[0], steps[2]]), "edges too many");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn none_if_one_thing_is_missing(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (task, steps) = prepare(&mut connection).await;
    let templates = diamond();
    for (what, removal) in [
        ("an edge", "delete from tasker_workflow_step_edges where to_step_id = $1"),
        (
            "an edge, turned round",
            "update tasker_workflow_step_edges set from_step_id = to_step_id,
           to_step_id = from_step_id where to_step_id = $1",
        ),
        (
            "the association",
            "delete from tasker_named_tasks_named_steps where named_step_id =
           (select named_step_id from tasker_workflow_steps where workflow_step_id = $1)",
        ),
        (
            "the association with this named task",
            "with other as (
           insert into tasker_named_tasks (name, task_namespace_id, created_at, updated_at)
           values ('other', 1, now(), now()) returning named_task_id)
           update tasker_named_tasks_named_steps a set named_task_id = other.named_task_id
           from other, tasker_workflow_steps s
           where s.workflow_step_id = $1 and a.named_step_id = s.named_step_id",
        ),
        (
            "the name",
            "update tasker_named_steps set name = 'Left' where named_step_id =
           (select named_step_id from tasker_workflow_steps where workflow_step_id = $1)",
        ),
        (
            "the step, which is another task's",
            "with other as (
           insert into tasker_tasks (named_task_id, requested_at, identity_hash, created_at, updated_at)
           values (1, now(), 'other', now(), now()) returning task_id)
           update tasker_workflow_steps s set task_id = other.task_id from other where workflow_step_id = $1",
        ),
    ] {
        let mut tx = connection.begin().await.unwrap();
        // The serial of named tasks does not know of the seeded one.
        sqlx::raw_sql("alter sequence tasker_named_tasks_named_task_id_seq restart 900")
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query(removal).bind(steps[1].id).execute(&mut *tx).await.unwrap();
        assert_eq!(established(&mut tx, task, &templates).await, None, "without {what}");
        let others = [templates[2].clone(), templates[3].clone()];
        assert_eq!(established(&mut tx, task, &others).await, ids(&steps[2..]), "the others, without {what}");
        tx.rollback().await.unwrap();
    }
    assert_eq!(established(&mut connection, task, &templates).await, ids(&steps), "nothing was kept");
    let more = [templates.clone(), vec![template("more", &[])]].concat();
    assert_eq!(established(&mut connection, task, &more).await, None, "a step more");
    let unknown = Subject { id: 4_711, ..task };
    assert_eq!(established(&mut connection, unknown, &templates).await, None, "an unknown task");
    let bare = seed::task(&mut connection).await;
    assert_eq!(established(&mut connection, bare, &templates).await, None, "a task without steps");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_of_another_system_with_the_same_name_is_another_step(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = prepare(&mut tx).await;
    let other = [Template { system: "other".into(), ..template("start", &[]) }];
    assert_eq!(established(&mut tx, task, &other).await, None, "unknown");
    let named = define_elsewhere(&mut tx, &other[0]).await;
    assert_eq!(established(&mut tx, task, &other).await, None, "defined, without a step");
    let foreign = double(&mut tx, steps[2]).await;
    sqlx::query("update tasker_workflow_steps set named_step_id = $1 where workflow_step_id = $2")
        .bind(named)
        .bind(foreign.id)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(established(&mut tx, task, &other).await, None, "not a step of this named task");
    sqlx::query(
        "insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at)
         values (1, $1, now(), now())",
    )
    .bind(named)
    .execute(&mut *tx)
    .await
    .unwrap();
    assert_eq!(established(&mut tx, task, &other).await, ids(&[foreign]));
    assert_eq!(established(&mut tx, task, &diamond()).await, ids(&steps), "each has its own");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_doubles_the_oldest_counts(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = prepare(&mut tx).await;
    let second = double(&mut tx, steps[2]).await;
    edge(&mut tx, second, steps[1]).await;
    edge(&mut tx, steps[2], steps[1]).await;
    assert_eq!(established(&mut tx, task, &diamond()).await, ids(&steps));
    sqlx::query("delete from tasker_workflow_step_edges where from_step_id = $1 and to_step_id = $2")
        .bind(steps[2].id)
        .bind(steps[1].id)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(established(&mut tx, task, &diamond()).await, None, "the younger one's edge does not count");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn templates_that_make_no_graph_are_not_asked_about(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, _) = prepare(&mut tx).await;
    for templates in [
        vec![template("start", &[]), template("start", &[])],
        vec![template("left", &["start"])],
        vec![template("left", &["start"]), template("start", &["left"])],
    ] {
        assert_eq!(established(&mut tx, task, &templates).await, None, "{templates:?}");
    }
}
