//! Values in statements: as parameters, and as literals for `psql`.

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use tasker_core::Error;
use tasker_core::models::{Statement, Task, TaskNamespace};
use tasker_core::query::Query;
use tasker_core::sea_query::{ArrayType, Expr, ExprTrait, Query as Sql, Value};
use tasker_core::transitions::TaskState;

fn select(value: Value, cast: &'static str) -> Statement {
    let mut select = Sql::select();
    select.expr(Expr::val(value).cast_as(cast).cast_as("text"));
    Statement::new(&select)
}

/// Every kind of value, bound and printed, is the same to PostgreSQL.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_printed_value_is_the_bound_one(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let noon = NaiveDate::from_ymd_opt(2025, 1, 2).unwrap().and_hms_micro_opt(3, 4, 5, 678).unwrap();
    let values: Vec<(Value, &str)> = vec![
        (true.into(), "boolean"),
        (Value::Bool(None), "boolean"),
        (7i16.into(), "smallint"),
        (i32::MIN.into(), "integer"),
        (i64::MIN.into(), "bigint"),
        (7u64.into(), "bigint"),
        (1.5f32.into(), "real"),
        (f64::NAN.into(), "double precision"),
        (f64::NEG_INFINITY.into(), "double precision"),
        ("it's \\ \n \"x\" $1 ?".into(), "text"),
        (Value::String(None), "text"),
        (json!({ "a": ["it's", null, 1.5, "\\"] }).into(), "jsonb"),
        (noon.into(), "timestamp"),
        (vec![1i64, 2].into(), "bigint[]"),
        (Vec::<i64>::new().into(), "bigint[]"),
        (vec!["a'b".to_owned(), "{\",\\".to_owned()].into(), "text[]"),
        (vec![true, false].into(), "boolean[]"),
        (Value::Array(ArrayType::Int, None), "integer[]"),
    ];
    for (value, cast) in values {
        let statement = select(value.clone(), cast);
        let bound: Vec<(Option<String>,)> = statement.fetch(&mut *tx).await.unwrap();
        let printed: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(statement.psql())).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(bound, [(printed,)], "{value:?}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn any_text_is_printed_safely(pool: PgPool) {
    let handle = tokio::runtime::Handle::current();
    let run = move || {
        let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
        let texts = "[^\\x00]{0,12}|[$'\"\\\\?;{}0-9 ]{0,12}";
        TestRunner::new(config)
            .run(&texts, |text| {
                let statement = select(text.clone().into(), "text");
                let printed = handle.block_on(
                    sqlx::query_scalar::<_, String>(AssertSqlSafe(statement.psql())).fetch_one(&pool),
                );
                prop_assert_eq!(printed.unwrap(), text);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{error}"));
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

#[test]
fn no_value_but_a_boolean_is_in_the_text() {
    let query = Query::<Task>::new()
        .in_namespace("secret")
        .by_annotation("secret", "secret", "secret")
        .filter(Task::complete.eq(false))
        .filter(Task::context.contains(json!({ "secret": "secret" })))
        .filter(Task::context.text_at(["secret"]).eq("secret"))
        .filter(Task::tags.has_any_key(["secret"]))
        .filter(Task::initiator.like("secret%"))
        .after(Some(77), 1234);
    let statement = Statement::new(&query.select().unwrap());
    for value in ["secret", "77", "1234"] {
        assert!(!statement.sql().contains(value), "{}", statement.sql());
        assert!(statement.psql().contains(value));
    }
    assert!(statement.sql().contains(r#""complete" = FALSE"#));
    assert_eq!(statement.to_string(), statement.sql());
}

/// Servers run queries on whatever thread is free.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn queries_move_between_threads(pool: PgPool) {
    let found = tokio::spawn(async move {
        let query = Query::<Task>::new().in_namespace("payments").by_current_state(TaskState::Error);
        let mut connection = pool.acquire().await?;
        let mut rows = query.stream(&mut connection)?;
        while rows.try_next().await?.is_some() {}
        drop(rows);
        let page = query.page(1, 10, &mut connection).await?;
        let associated = query.with_all_associated(&pool).await?;
        Ok::<_, Error>((query.all(&pool).await?.len(), page.rows.len(), associated.len()))
    });
    assert_eq!(found.await.unwrap().unwrap(), (0, 0, 0));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_value_that_cannot_be_bound_is_named(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let mixed = Value::Array(ArrayType::BigInt, Some(Box::new(vec![1i64.into(), "two".into()])));
    for (value, got) in
        [(Value::from(u64::MAX), "18446744073709551615"), (Value::from(vec![1u8]), "Bytes"), (mixed, "two")]
    {
        let error = select(value, "text").fetch::<(String,)>(&mut *tx).await.unwrap_err();
        assert!(matches!(error, Error::Bind { position: 1, .. }));
        assert!(error.to_string().contains(got), "{error}");
    }
    assert_eq!(Query::<TaskNamespace>::new().count(&mut *tx).await.unwrap(), 0, "the transaction goes on");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn json_operators_find_what_they_should(pool: PgPool) {
    let mut tx = crate::support::world(&pool).await;
    let count = async |condition: Expr, tx: &mut sqlx::PgConnection| {
        Query::<Task>::new().filter(condition).count(tx).await.unwrap()
    };
    let orders = count(Task::context.contains(json!({ "order": 3 })), &mut tx).await;
    assert_eq!(orders, 12);
    assert_eq!(count(Task::context.text("order").eq("3"), &mut tx).await, orders);
    assert_eq!(count(Task::context.text_at(["order"]).eq("3"), &mut tx).await, orders);
    assert_eq!(count(Task::context.get("order").eq(json!(3)), &mut tx).await, orders);
    assert_eq!(count(Task::context.contained_in(json!({ "order": 3, "more": 1 })), &mut tx).await, orders);
    assert_eq!(count(Task::context.has_key("order"), &mut tx).await, 60);
    assert_eq!(count(Task::context.has_any_key(["no", "order"]), &mut tx).await, 60);
    assert_eq!(count(Task::context.has_any_key([]), &mut tx).await, 0);
    assert_eq!(count(Task::initiator.like("bill%"), &mut tx).await, 30);
}
