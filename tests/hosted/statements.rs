//! The statements that hosts run.

use crate::cases::{reads, writes};
use crate::host::{answer_with, create_world};
use sqlx::{
    AssertSqlSafe, Column, Connection as _, Executor, PgConnection, PgPool, SqlSafeStr, Statement as _,
};
use std::collections::{BTreeMap, BTreeSet};
use tasker_core::hosted::Statement;
use tasker_core::session::{Access, Query, Value};

/// Every statement of every case by its text.
async fn statements(connection: &mut PgConnection) -> BTreeMap<&'static str, &'static str> {
    create_world(connection).await;
    let mut seen = BTreeMap::new();
    for (operation, arguments) in reads().into_iter().chain(writes()) {
        let mut tx = connection.begin().await.unwrap();
        let note = |statement: &Statement, _: &_| {
            seen.insert(statement.sql, statement.name);
        };
        answer_with(&mut tx, operation, &arguments, note).await;
        tx.rollback().await.unwrap();
    }
    seen
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn no_two_columns_of_a_statement_have_one_name(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let mut repeated = Vec::new();
    for (sql, name) in statements(&mut connection).await {
        let prepared = (&mut *connection).prepare(AssertSqlSafe(sql).into_sql_str()).await.unwrap();
        let names: Vec<&str> = prepared.columns().iter().map(Column::name).collect();
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            repeated.push(format!("{name}: {}", names.join(", ")));
        }
    }
    assert!(repeated.is_empty(), "{}", repeated.join("\n"));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_parameter_is_text(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    for (sql, name) in statements(&mut connection).await {
        let prepared = (&mut *connection).prepare(AssertSqlSafe(sql).into_sql_str()).await.unwrap();
        let Some(sqlx::Either::Left(types)) = prepared.parameters() else { panic!("{name} has no types") };
        assert!(types.iter().all(|of| of.to_string() == "TEXT"), "{name}: {types:?}");
    }
}

#[test]
fn parameters_keep_their_values_as_text() {
    let query = Query {
        name: "odd",
        sql: "select $1::boolean, '$2::bigint', $10::text[], (select $2::bigint), 'it''s $3'",
        binds: vec![Value::Bool(false), Value::Int(i64::MIN), Value::Null, Value::text("ü")],
        access: Access::Read,
    };
    let statement = Statement::from(query);
    let expected =
        "select $1::text::boolean, '$2::bigint', $10::text::text[], (select $2::text::bigint), 'it''s $3'";
    assert_eq!(statement.sql, expected);
    let binds: Vec<Option<&str>> = statement.binds.iter().map(Option::as_deref).collect();
    assert_eq!(binds, [Some("false"), Some("-9223372036854775808"), None, Some("ü")]);
}
