//! Rows one by one.

use sqlx::PgPool;
use tasker_core::models::Statement;
use tasker_core::sea_query::{Expr, Query as Sql};

fn numbers(upto: &'static str) -> Statement {
    let mut select = Sql::select();
    select.expr(Expr::cust(upto));
    Statement::new(&select)
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_stream_that_is_dropped_early_leaves_the_connection_usable(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let statement = numbers("generate_series(1, 100000)");
    let mut rows = statement.stream::<(i32,)>(&mut tx).unwrap();
    assert_eq!(rows.try_next().await.unwrap(), Some((1,)));
    drop(rows);
    assert_eq!(numbers("42").fetch::<(i32,)>(&mut *tx).await.unwrap(), [(42,)]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_error_of_the_database_comes_with_its_row(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let statement = numbers("1 / (3 - generate_series(1, 5))");
    let mut rows = statement.stream::<(i32,)>(&mut tx).unwrap();
    let mut seen = 0;
    let error = loop {
        match rows.try_next().await {
            Ok(Some(_)) => seen += 1,
            Ok(None) => panic!("expected an error"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("division by zero"), "{error}");
    assert_eq!(seen, 2);
}
