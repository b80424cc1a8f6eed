//! The definitions that `established_steps` returns.

use crate::support::rows::{json, micros};
use crate::support::seed::{self, AT};
use crate::support::templates::{define_all, diamond, template};
use crate::support::world::NAMES;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::TaskId;
use tasker_core::operations::definitions::named_task;
use tasker_core::operations::sequence::{Established, Template, create_steps, established_steps};
use tasker_core::records::{NamedStep, NamedTask};
use tasker_core::store::Connection;

macro_rules! with_instants {
    ($more:literal) => {
        concat!(
            "(to_jsonb(n) || jsonb_build_object('created_at', ",
            micros!("n.created_at"),
            ", 'updated_at', ",
            micros!("n.updated_at"),
            $more,
            "))::text"
        )
    };
}

const TASK: &str = concat!(
    "select ",
    with_instants!(", 'configuration', n.configuration::text"),
    " from tasker_named_tasks n join tasker_tasks t using (named_task_id) where t.task_id = $1"
);

const STEPS: &str = concat!(
    "select ",
    with_instants!(""),
    " from tasker_named_steps n
      where n.named_step_id in (select named_step_id from tasker_workflow_steps where task_id = $1) order by named_step_id"
);

fn task(found: &NamedTask) -> Value {
    json!({
        "named_task_id": found.id.0,
        "name": found.name,
        "description": found.description,
        "created_at": found.created_at.0,
        "updated_at": found.updated_at.0,
        "task_namespace_id": found.task_namespace_id,
        "version": found.version,
        "configuration": found.configuration,
    })
}

fn step(found: &NamedStep) -> Value {
    json!({
        "named_step_id": found.id.0,
        "dependent_system_id": found.dependent_system_id,
        "name": found.name,
        "description": found.description,
        "created_at": found.created_at.0,
        "updated_at": found.updated_at.0,
    })
}

async fn prepare(connection: &mut PgConnection, templates: &[Template]) -> TaskId {
    seed::definitions(connection).await;
    let task = TaskId(seed::task(connection).await.id);
    define_all(connection, templates).await;
    let session = &mut Connection(connection);
    create_steps(session, task, templates, "{}", AT).await.unwrap().unwrap();
    task
}

async fn established(connection: &mut PgConnection, task: TaskId, templates: &[Template]) -> Established {
    established_steps(&mut Connection(connection), task, templates).await.unwrap().unwrap()
}

/// Fails unless every column of every definition is that of its row.
async fn assert_rows(connection: &mut PgConnection, id: TaskId, found: &Established) {
    assert_eq!(json(connection, sqlx::query(TASK).bind(id.0)).await, [task(&found.named_task)]);
    let steps: Vec<Value> = found.named_steps.iter().map(step).collect();
    assert_eq!(json(connection, sqlx::query(STEPS).bind(id.0)).await, steps);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_column_is_that_of_the_row(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let id = prepare(&mut tx, &diamond()).await;
    let texts = [
        None,
        Some(""),
        Some("NULL"),
        Some("{a,\"b\"}"),
        Some("say \"hi\", \\twice\\"),
        Some("größer\n✓ 🦀"),
    ];
    let documents = [None, Some("null"), Some("\"{}\""), Some("{\"a\": [null, 1.50, \"{1,2}\"]}")];
    let instants = ["infinity", "-infinity", "2026-11-23 22:59:59.999999", "1969-12-31 23:59:59.000001"];
    for number in 0..texts.len() * documents.len() {
        sqlx::query(
            "with task as (
               update tasker_named_tasks set description = $1, configuration = $2::jsonb, created_at = $3::timestamp,
                 updated_at = $4::timestamp, version = $5)
             update tasker_named_steps set description = $1, created_at = $4::timestamp, updated_at = $3::timestamp
             where named_step_id % 2 = $6",
        )
        .bind(texts[number % texts.len()])
        .bind(documents[number % documents.len()])
        .bind(instants[number % instants.len()])
        .bind(instants[(number + 1) % instants.len()])
        .bind(format!("0.{number}.0"))
        .bind((number % 2) as i32)
        .execute(&mut *tx)
        .await
        .unwrap();
        let found = established(&mut tx, id, &diamond()).await;
        assert_rows(&mut tx, id, &found).await;
        let version = format!("0.{number}.0");
        let named = named_task(&mut Connection(&mut tx), "default", "task", &version).await.unwrap();
        assert_eq!(named.as_ref(), Some(&found.named_task));
    }
}

/// Source: the engine's `NamedTask.find_or_create_by_full_name!`.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn that_of_a_task_is_found_by_namespace_name_and_version(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let versions = ["0.1.0", "0.1.1", "10.0.0"];
    for namespace in NAMES {
        sqlx::query(
            "with made as (
               insert into tasker_task_namespaces (name, created_at, updated_at) values ($1, now(), now()) returning task_namespace_id
             )
             insert into tasker_named_tasks (task_namespace_id, name, version, created_at, updated_at)
             select task_namespace_id, name, version, now(), now() from made, unnest($2::text[]) name, unnest($3::text[]) version
             where ($1, name, version) is distinct from ($1, $1, '0.1.1')",
        )
        .bind(namespace)
        .bind(NAMES)
        .bind(versions)
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    let made: Vec<(String, String, String, i32)> = sqlx::query_as(
        "select s.name, n.name, n.version, n.named_task_id
         from tasker_named_tasks n join tasker_task_namespaces s using (task_namespace_id)",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    assert_eq!(made.len(), NAMES.len() * NAMES.len() * versions.len() - NAMES.len());
    for (namespace, name, version, id) in &made {
        let found = named_task(&mut Connection(&mut tx), namespace, name, version).await.unwrap();
        assert_eq!(found.map(|found| found.id.0), Some(i64::from(*id)), "{namespace} {name} {version}");
    }
    for name in NAMES {
        let found = named_task(&mut Connection(&mut tx), name, name, "0.1.1").await.unwrap();
        assert_eq!(found, None, "{name}");
    }
    for [namespace, name, version] in
        [["none", "fetch", "0.1.0"], ["fetch", "none", "0.1.0"], ["fetch", "fetch", "0.1"], ["", "", ""]]
    {
        let found = named_task(&mut Connection(&mut tx), namespace, name, version).await.unwrap();
        assert_eq!(found, None);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn they_are_those_of_all_steps_whatever_the_templates_name(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let id = prepare(&mut tx, &diamond()).await;
    for templates in [&diamond()[..], &diamond()[1..3], &[]] {
        let found = established(&mut tx, id, templates).await;
        assert_eq!((found.steps.len(), found.named_steps.len()), (templates.len(), 4));
        assert_rows(&mut tx, id, &found).await;
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn one_that_several_steps_have_is_told_once(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let templates = [template("only", &[])];
    let id = prepare(&mut tx, &templates).await;
    sqlx::query(
        "insert into tasker_workflow_steps (task_id, named_step_id, created_at, updated_at)
         select task_id, named_step_id, now(), now() from tasker_workflow_steps, generate_series(1, 3)",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let found = established(&mut tx, id, &templates).await;
    assert_eq!(found.named_steps.len(), 1);
    assert_rows(&mut tx, id, &found).await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn columns_that_an_application_has_added_do_no_harm(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let id = prepare(&mut tx, &diamond()).await;
    let before = established(&mut tx, id, &diamond()).await;
    sqlx::raw_sql(
        "alter table tasker_named_steps add column system text, add column belongs text, add column id text, add column task_id text;
         alter table tasker_named_tasks add column ids text, add column starts text, add column named_step_id text;
         alter table tasker_dependent_systems add column description2 text, add column workflow_step_id bigint",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    assert_eq!(established(&mut tx, id, &diamond()).await, before);
}
