//! `create_steps`

use crate::support::seed::{self, AT, json_instant, step_row};
use crate::support::templates::{define, define_all, define_elsewhere, diamond, template};
use crate::support::world::NAMES;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, PgPool};
use tasker_core::Error;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::sequence::{Template, create_steps, edges_between, established_steps};
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;

async fn create(
    connection: &mut PgConnection,
    task: Subject,
    templates: &[Template],
) -> Result<Option<Vec<StepId>>, Error> {
    let inputs = r#"{"b": [1, null], "a": "it's"}"#;
    let created = create_steps(&mut Connection(connection), TaskId(task.id), templates, inputs, AT).await?;
    Ok(created.map(|created| created.steps))
}

fn step(id: StepId) -> Subject {
    Subject { owner: Owner::Step, id: id.0 }
}

/// Names of both ends of a task's edges, in the order of their ids, with the other columns.
async fn edges(connection: &mut PgConnection, task: Subject) -> Vec<Value> {
    let select = "select (to_jsonb(e) - 'id' - 'from_step_id' - 'to_step_id'
                    || jsonb_build_object('from', f.name, 'to', t.name))::text
                  from tasker_workflow_step_edges e
                  join tasker_workflow_steps fs on fs.workflow_step_id = e.from_step_id
                  join tasker_workflow_steps ts on ts.workflow_step_id = e.to_step_id
                  join tasker_named_steps f on f.named_step_id = fs.named_step_id
                  join tasker_named_steps t on t.named_step_id = ts.named_step_id
                  where fs.task_id = $1 and ts.task_id = $1 order by e.id";
    let rows: Vec<String> = sqlx::query_scalar(select).bind(task.id).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// Steps, edges and transitions that there are at all.
async fn written(connection: &mut PgConnection) -> (i64, i64, i64) {
    let select = "select (select count(*) from tasker_workflow_steps),
                         (select count(*) from tasker_workflow_step_edges),
                         (select count(*) from tasker_workflow_step_transitions)";
    sqlx::query_as(select).fetch_one(connection).await.unwrap()
}

/// Source of the values: the engine's `WorkflowStep.build_default_step!` and `add_provides_edge!`.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_column_is_as_the_engine_writes_it(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let [task, bystander] = [seed::task(&mut tx).await, seed::task(&mut tx).await];
    let mut templates = diamond();
    templates[0] = Template { retryable: false, retry_limit: 0, skippable: true, ..templates[0].clone() };
    templates[1] = Template { retry_limit: i32::MAX, ..templates[1].clone() };
    templates[2] = Template { skippable: true, retry_limit: -1, ..templates[2].clone() };
    define_all(&mut tx, &templates).await;

    let ids = create(&mut tx, task, &templates).await.unwrap().unwrap();
    assert!(ids.is_sorted() && ids.len() == 4, "in the order of the templates: {ids:?}");
    for (template, &id) in templates.iter().zip(&ids) {
        let named: i32 = sqlx::query_scalar("select named_step_id from tasker_named_steps where name = $1")
            .bind(&*template.name)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        let expected = json!({
            "workflow_step_id": id, "task_id": task.id, "named_step_id": named,
            "retryable": template.retryable, "retry_limit": template.retry_limit,
            "skippable": template.skippable,
            "in_process": false, "processed": false, "processed_at": null,
            "attempts": 0, "last_attempted_at": null, "backoff_request_seconds": null,
            "inputs": {"a": "it's", "b": [1, null]}, "results": {},
            "created_at": json_instant(AT), "updated_at": json_instant(AT),
        });
        assert_eq!(step_row(&mut tx, step(id)).await, expected, "{}", template.name);
    }
    let at = json_instant(AT);
    let edge =
        |(from, to)| json!({"from": from, "to": to, "name": "provides", "created_at": at, "updated_at": at});
    let expected = [("right", "join"), ("left", "join"), ("start", "left"), ("start", "right")].map(edge);
    assert_eq!(edges(&mut tx, task).await, expected);
    assert_eq!(edges(&mut tx, bystander).await, Vec::<Value>::new());
    assert_eq!(written(&mut tx).await, (4, 4, 0), "steps start without a history");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_was_created_is_established(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    define_all(&mut tx, &diamond()).await;
    let ids = create(&mut tx, task, &diamond()).await.unwrap();
    assert!(ids.is_some());
    let mut session = Connection(&mut tx);
    let found = established_steps(&mut session, TaskId(task.id), &diamond()).await.unwrap();
    assert_eq!(found.map(|found| found.steps), ids);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn names_that_are_hard_to_quote(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let chain = |(index, &name): (usize, &&str)| Template {
        system: NAMES[NAMES.len() - 1 - index].into(),
        ..template(name, &NAMES[index.saturating_sub(1)..index])
    };
    let templates: Vec<Template> = NAMES.iter().enumerate().map(chain).collect();
    define_all(&mut tx, &templates).await;

    let ids = create(&mut tx, task, &templates).await.unwrap().unwrap();
    let select = "select n.name, d.name from tasker_workflow_steps s
                  join tasker_named_steps n using (named_step_id)
                  join tasker_dependent_systems d using (dependent_system_id) order by workflow_step_id";
    let found: Vec<(String, String)> = sqlx::query_as(select).fetch_all(&mut *tx).await.unwrap();
    let wanted = templates.iter().map(|template| (template.name.to_string(), template.system.to_string()));
    assert_eq!(found, wanted.collect::<Vec<_>>());
    let ends =
        |edge: &Value| (edge["from"].as_str().unwrap().to_owned(), edge["to"].as_str().unwrap().to_owned());
    let pairs = NAMES.windows(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
    assert_eq!(edges(&mut tx, task).await.iter().map(ends).collect::<Vec<_>>(), pairs.collect::<Vec<_>>());
    let mut session = Connection(&mut tx);
    let found = established_steps(&mut session, TaskId(task.id), &templates).await.unwrap();
    assert_eq!(found.map(|found| found.steps), Some(ids));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn many_steps_keep_the_order_of_the_templates(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let name = |index: usize| format!("step {}", index * 7 % 200);
    let of = |index: usize| match index {
        0 => template(&name(0), &[]),
        1 => template(&name(1), &[&name(0)]),
        _ => template(&name(index), &[&name(index - 1), &name(0)]),
    };
    let templates: Vec<Template> = (0..200).rev().map(of).collect();
    define_all(&mut tx, &templates).await;
    sqlx::raw_sql("analyze").execute(&mut *tx).await.unwrap();
    let ids = create(&mut tx, task, &templates).await.unwrap().unwrap();
    assert!(ids.is_sorted());
    let names: Vec<String> = sqlx::query_scalar(
        "select name from unnest($1::bigint[]) with ordinality id (id, place)
         join tasker_workflow_steps s on s.workflow_step_id = id.id
         join tasker_named_steps using (named_step_id) order by place",
    )
    .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    assert_eq!(names, templates.iter().map(|template| template.name.to_string()).collect::<Vec<_>>());
    let pairs = edges_between(&templates).unwrap();
    let wanted: Vec<_> =
        pairs.iter().map(|&(from, to)| json!([templates[from].name, templates[to].name])).collect();
    let found = edges(&mut tx, task).await;
    assert_eq!(found.iter().map(|edge| json!([edge["from"], edge["to"]])).collect::<Vec<_>>(), wanted);
}

/// Everything that keeps steps from being created, one thing at a time.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn nothing_is_created_if_anything_is_missing(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let task = seed::task(&mut connection).await;
    let templates = diamond();
    define_all(&mut connection, &templates[..3]).await;
    define(&mut connection, &Template { system: "other".into(), ..templates[3].clone() }).await;
    let mut refused = async |what: &str, task: Subject, templates: &[Template]| {
        assert_eq!(create(&mut connection, task, templates).await.unwrap(), None, "{what}");
        assert_eq!(written(&mut connection).await, (0, 0, 0), "{what}");
    };
    refused("the step is another system's", task, &templates).await;
    refused("no such system", task, &[Template { system: "none".into(), ..template("start", &[]) }]).await;
    refused("no such name", task, &[template("Start", &[])]).await;
    refused("no such task", Subject { id: 4_711, ..task }, &templates[2..3]).await;
    refused("no step at all", task, &[]).await;
    refused("a name twice", task, &[template("start", &[]), template("start", &[])]).await;
    refused("a stranger", task, &[template("left", &["start"])]).await;
    refused("a circle", task, &[template("left", &["start"]), template("start", &["left"])]).await;

    define_elsewhere(&mut connection, &templates[3]).await;
    sqlx::raw_sql(
        "insert into tasker_named_tasks values (900, 'other', null, now(), now(), 1);
         insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at)
         select 900, named_step_id, now(), now() from tasker_named_steps",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    assert_eq!(
        create(&mut connection, task, &templates).await.unwrap(),
        None,
        "a step of another named task only"
    );
    assert_eq!(written(&mut connection).await, (0, 0, 0));
    sqlx::query(
        "insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at)
                 select 1, named_step_id, now(), now() from tasker_named_steps where name = 'right'
                 and dependent_system_id = 1",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    assert!(
        create(&mut connection, task, &templates).await.unwrap().is_some(),
        "nothing is missing any more"
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn nothing_is_created_beside_other_steps(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let (task, other) = (seed::task(&mut connection).await, seed::task(&mut connection).await);
    define_all(&mut connection, &diamond()).await;
    seed::step(&mut connection, task).await;
    assert_eq!(create(&mut connection, task, &diamond()).await.unwrap(), None);
    assert_eq!(written(&mut connection).await, (1, 0, 0));
    assert!(create(&mut connection, other, &diamond()).await.unwrap().is_some());
    assert_eq!(create(&mut connection, other, &diamond()).await.unwrap(), None, "a second time");
    assert_eq!(written(&mut connection).await, (5, 4, 0));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_that_another_session_has_locked_is_left_alone(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let task = seed::task(&mut connection).await;
    define_all(&mut connection, &diamond()).await;
    sqlx::raw_sql("set lock_timeout = '10s'").execute(&mut *connection).await.unwrap();
    let mut holder = pool.begin().await.unwrap();
    assert!(create(&mut holder, task, &diamond()).await.unwrap().is_some());
    assert_eq!(create(&mut connection, task, &diamond()).await.unwrap(), None, "without waiting");
    holder.rollback().await.unwrap();
    assert_eq!(written(&mut connection).await, (0, 0, 0));
    assert!(create(&mut connection, task, &diamond()).await.unwrap().is_some());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn inputs_that_are_no_json_are_the_databases_error(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let task = seed::task(&mut connection).await;
    define_all(&mut connection, &diamond()).await;
    let mut tx = connection.begin().await.unwrap();
    let session = &mut Connection(&mut tx);
    let error = create_steps(session, TaskId(task.id), &diamond(), "{", AT).await.unwrap_err();
    assert!(error.to_string().contains("invalid input syntax for type json"), "{error}");
    tx.rollback().await.unwrap();
    assert_eq!(written(&mut connection).await, (0, 0, 0));
}
