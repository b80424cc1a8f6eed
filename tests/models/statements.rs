//! Statements of an application's own.

use sqlx::PgPool;
use tasker_core::models::{Model, New, NewTaskNamespace, Statement, TaskNamespace};
use tasker_core::sea_query::extension::postgres::PgExpr;
use tasker_core::sea_query::{Expr, ExprTrait, PostgresQueryBuilder, Value};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn binds_every_type_that_columns_have(pool: PgPool) {
    NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let now = chrono::DateTime::from_timestamp(1_700_000_000, 123_456_000).unwrap().naive_utc();
    let conditions = [
        Expr::val(true),
        Expr::val(7i32).eq(7i64),
        Expr::val(7i16).lt(8u64),
        Expr::val(1.5f64).gte(1.5f32),
        Expr::val("ü' \\").eq("ü' \\"),
        Expr::val(now).eq(Expr::cust("timestamp '2023-11-14 22:13:20.123456'")),
        Expr::val(serde_json::json!({ "a": [1] })).contains(serde_json::json!({ "a": [] })),
        Expr::val(2i32).eq_any([1i32, 2]),
        Expr::val(2i64).eq_any([1i64, 2]),
        Expr::val("b").eq_any(["a".to_owned(), "b".to_owned()]),
        Expr::val(now).eq_any([now]),
        Expr::val(true).eq_any([true]),
        Expr::val(0.5f64).eq_any([0.5f64]),
        Expr::val(Value::Int(None)).is_null(),
    ];
    for condition in conditions {
        let mut select = TaskNamespace::select();
        select.and_where(condition);
        let rows: Vec<TaskNamespace> = Statement::new(&select).all(&pool).await.unwrap();
        assert_eq!(rows.len(), 1, "{}", select.to_string(PostgresQueryBuilder));
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn says_which_parameter_cannot_be_bound(pool: PgPool) {
    let mut select = TaskNamespace::select();
    select.and_where(Expr::val(1).eq(1)).and_where(Expr::val(u64::MAX).eq(1));
    let error = Statement::new(&select).all::<TaskNamespace>(&pool).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter 3 of a statement should be a boolean, an integer, a float, a text, JSON, an instant, or an array of these, \
         got Some(18446744073709551615), which no integer column holds"
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_text_for_psql_gives_the_same_rows(pool: PgPool) {
    for name in ["it's", "pay\\ments", "ü"] {
        let made = NewTaskNamespace::new(name).create(&pool).await.unwrap();
        let mut select = TaskNamespace::select();
        select.and_where(TaskNamespace::name.eq(name));
        let text = select.to_string(PostgresQueryBuilder);
        let rows: Vec<TaskNamespace> =
            sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_all(&pool).await.unwrap();
        assert_eq!(rows, [made]);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn runs_on_whatever_has_a_connection(pool: PgPool) {
    let everyone = || TaskNamespace::find_all(TaskNamespace::KEY.is_not_null(), &pool);
    let mut pooled = pool.acquire().await.unwrap();
    NewTaskNamespace::new("pooled").create(&mut *pooled).await.unwrap();
    drop(pooled);
    NewTaskNamespace::new("pool").create(&pool).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    NewTaskNamespace::new("transaction").create(&mut transaction).await.unwrap();
    NewTaskNamespace::new("within it").create(&mut *transaction).await.unwrap();
    assert_eq!(everyone().await.unwrap().len(), 2);
    transaction.commit().await.unwrap();
    let elsewhere = pool.clone();
    let found = tokio::spawn(async move { TaskNamespace::find(4, &elsewhere).await });
    assert_eq!(found.await.unwrap().unwrap().name, "within it");
}
