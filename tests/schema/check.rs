//! Differences that are named, and those that are none.

use crate::support::engine;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tasker_core::schema::{Difference, Impact, Kind, check};

async fn prepare(connection: &mut PgConnection) {
    engine::install_view(connection).await;
    engine::install_functions(connection).await;
    assert_eq!(check(connection).await.unwrap(), []);
}

/// What is named after a change, each as text.
async fn after(pool: &PgPool, change: &str) -> Vec<String> {
    let mut tx = pool.begin().await.unwrap();
    prepare(&mut tx).await;
    sqlx::raw_sql(AssertSqlSafe(change.to_owned())).execute(&mut *tx).await.unwrap();
    check(&mut tx).await.unwrap().iter().map(Difference::to_string).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tables_alone_lack_the_view_and_the_functions(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let differences = check(&mut connection).await.unwrap();
    let kinds: Vec<Kind> = differences.iter().map(|difference| difference.kind).collect();
    assert_eq!(kinds, [vec![Kind::View], vec![Kind::Function; 9]].concat());
    assert!(differences.iter().all(|difference| difference.impact() == Impact::Fallback));
    assert!(differences.iter().all(|difference| difference.expected.is_some() && difference.found.is_none()));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn each_difference_is_named(pool: PgPool) {
    let cases = [
        (
            "alter table tasker_tasks alter column initiator type text",
            "column tasker_tasks.initiator: expected character varying(128), found text",
        ),
        ("alter table tasker_tasks drop column tags", "column tasker_tasks.tags: expected jsonb, found none"),
        (
            "alter table tasker_workflow_steps alter column retry_limit set default 5",
            "column tasker_workflow_steps.retry_limit: expected integer default 3, found integer default 5",
        ),
        (
            "alter table tasker_workflow_steps alter column processed drop not null",
            "column tasker_workflow_steps.processed: expected boolean not null default false, found boolean default false",
        ),
        (
            "alter table tasker_tasks add column tenant text not null",
            "column tasker_tasks.tenant: expected none, found text not null",
        ),
        (
            "alter table tasker_tasks drop constraint tasks_named_task_id_foreign",
            "constraint tasker_tasks FOREIGN KEY (named_task_id) REFERENCES tasker_named_tasks(named_task_id): \
             expected one, found none",
        ),
        (
            "drop index index_tasks_on_identity_hash",
            "unique index tasker_tasks btree (identity_hash): expected one, found none",
        ),
        (
            "drop index tasks_source_system_index",
            "index tasker_tasks btree (source_system): expected one, found none",
        ),
        (
            "drop view tasker_step_dag_relationships;
             create view tasker_step_dag_relationships as select workflow_step_id from tasker_workflow_steps",
            "view tasker_step_dag_relationships: expected workflow_step_id bigint, task_id bigint, named_step_id integer, \
             parent_step_ids jsonb, child_step_ids jsonb, parent_count bigint, child_count bigint, is_root_step boolean, \
             is_leaf_step boolean, min_depth_from_root integer, found workflow_step_id bigint",
        ),
    ];
    for (change, expected) in cases {
        let differences = after(&pool, change).await;
        assert!(differences.iter().any(|difference| difference == expected), "{change}: {differences:#?}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_function_with_another_body_is_named_and_one_with_other_spaces_is_not(pool: PgPool) {
    let change = "create or replace function calculate_dependency_levels(input_task_id bigint)
                  returns table(workflow_step_id bigint, dependency_level integer) language sql as 'select 1::bigint, 1'";
    let differences = after(&pool, change).await;
    assert_eq!(differences.len(), 1, "{differences:#?}");
    assert!(differences[0].starts_with("function calculate_dependency_levels(bigint): expected TABLE("));

    let mut tx = pool.begin().await.unwrap();
    prepare(&mut tx).await;
    let definition = "select pg_get_functiondef('calculate_dependency_levels'::regproc)";
    let definition: String = sqlx::query_scalar(definition).fetch_one(&mut *tx).await.unwrap();
    let spaced = definition.replace('\n', "\n  ").replace("BEGIN", "BEGIN -- again");
    sqlx::raw_sql(AssertSqlSafe(spaced)).execute(&mut *tx).await.unwrap();
    assert_eq!(check(&mut tx).await.unwrap(), []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_an_application_adds_or_renames_is_no_difference(pool: PgPool) {
    let change =
        "alter table tasker_tasks add column tenant text, add column region text not null default 'eu';
                  create table tasker_notes (id bigint primary key);
                  create index on tasker_tasks (initiator);
                  alter index tasks_source_system_index rename to other;
                  drop index index_workflow_steps_by_task;
                  alter table tasker_tasks rename constraint tasks_named_task_id_foreign to other_key";
    assert_eq!(after(&pool, change).await, [""; 0]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_a_missing_table_only_the_table_is_named(pool: PgPool) {
    let differences = after(&pool, "drop table tasker_task_annotations").await;
    assert_eq!(differences, ["table tasker_task_annotations: expected one, found none"]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tables_outside_of_the_search_path_are_missing(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql("create schema elsewhere; set search_path to elsewhere")
        .execute(&mut *connection)
        .await
        .unwrap();
    let differences = check(&mut connection).await.unwrap();
    let broken = differences.iter().filter(|difference| difference.impact() == Impact::Broken);
    assert!(broken.clone().all(|difference| difference.kind == Kind::Table));
    assert_eq!(broken.count(), 13);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn nothing_is_changed(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql("set default_transaction_read_only to on").execute(&mut *connection).await.unwrap();
    assert!(!check(&mut connection).await.unwrap().is_empty());
}
