//! Instants beyond the calendar, in rows of the caller's own types.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool};
use tasker_core::models::{New, NewTaskNamespace, Statement, TaskNamespace};
use tasker_core::query::Query;
use tasker_core::sea_query::{Expr, Query as Sql};
use tasker_core::time::Timestamp;

/// Two namespaces: the instant of the first is ordinary, that of the second is what is given.
async fn namespaces(pool: &PgPool, instant: &str) -> Query<TaskNamespace> {
    for name in ["a", "b"] {
        NewTaskNamespace::new(name).create(pool).await.unwrap();
    }
    let set = "update tasker_task_namespaces set created_at = $1::text::timestamp where name = $2";
    for (name, instant) in [("a", "2025-02-03 04:05:06.000007"), ("b", instant)] {
        sqlx::query(set).bind(instant).bind(name).execute(pool).await.unwrap();
    }
    Query::<TaskNamespace>::new().order_by(TaskNamespace::name.asc())
}

/// What becomes of an expression, read as a type.
async fn read<R>(sql: &'static str, pool: &PgPool) -> Result<Vec<R>, String>
where
    R: for<'r> FromRow<'r, PgRow>,
{
    let statement = Statement::new(Sql::select().expr_as(Expr::cust(sql), "it"));
    let mut connection = pool.acquire().await.unwrap();
    let mut rows = statement.stream::<R>(&mut connection).unwrap();
    let mut streamed = Ok(0);
    loop {
        match rows.try_next().await {
            Ok(Some(_)) => streamed = streamed.map(|count| count + 1),
            Ok(None) => break,
            Err(error) => {
                streamed = Err(error.to_string());
                break;
            }
        }
    }
    drop(rows);
    let fetched = statement.fetch::<R>(pool).await.map_err(|error| error.to_string());
    assert_eq!(fetched.as_ref().map(Vec::len).map_err(Clone::clone), streamed);
    fetched
}

fn refused(got: &str) -> String {
    format!(
        "error occurred while decoding column it: expected an instant of the years -262143 to 262142, got {got}; time::Timestamp reads any"
    )
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn plucked_infinity_is_an_error_that_names_the_column(pool: PgPool) {
    let query = namespaces(&pool, "infinity").await;
    let found: Result<Vec<(NaiveDateTime,)>, _> =
        query.pluck([TaskNamespace::created_at.expr()], &pool).await;
    let error = found.unwrap_err().to_string();
    assert!(error.contains("column created_at: ") && error.contains("got infinity"), "{error}");
    let first: Vec<(NaiveDateTime,)> =
        query.limit(1).pluck([TaskNamespace::created_at.expr()], &pool).await.unwrap();
    assert_eq!(first[0].0.to_string(), "2025-02-03 04:05:06.000007");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn timestamps_and_models_read_infinity(pool: PgPool) {
    let query = namespaces(&pool, "-infinity").await;
    let found: Vec<(String, Timestamp)> =
        query.pluck([TaskNamespace::name.expr(), TaskNamespace::created_at.expr()], &pool).await.unwrap();
    assert_eq!(found[1], ("b".to_owned(), Timestamp(i64::MIN)));
    let select = query.select().unwrap();
    let models: Vec<TaskNamespace> = Statement::new(&select).fetch(&pool).await.unwrap();
    assert_eq!(models[1].created_at, NaiveDateTime::MIN);
    let array =
        read::<(Vec<Timestamp>,)>("array['infinity', '1970-01-01']::timestamp[]", &pool).await.unwrap();
    assert_eq!(array[0].0, [Timestamp(i64::MAX), Timestamp(0)]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn no_type_of_dates_panics(pool: PgPool) {
    type At = Option<NaiveDateTime>;
    let naive = read::<(At,)>("'294000-01-01'::timestamp", &pool).await;
    assert_eq!(naive.unwrap_err(), refused("one of the year 294000"));
    assert_eq!(read::<(At,)>("null::timestamp", &pool).await.unwrap(), [(None,)]);
    let zoned = read::<(DateTime<Utc>,)>("'-infinity'::timestamptz", &pool).await;
    assert_eq!(zoned.unwrap_err(), refused("-infinity"));
    let array = read::<(Vec<At>,)>("array[null, '2025-01-01', 'infinity']::timestamp[]", &pool).await;
    assert_eq!(array.unwrap_err(), refused("infinity"));
    let zoned = read::<(Vec<DateTime<Utc>>,)>("array['infinity']::timestamptz[]", &pool).await;
    assert_eq!(zoned.unwrap_err(), refused("infinity"));
    let date = read::<(NaiveDate,)>("'infinity'::date", &pool).await;
    assert_eq!(date.unwrap_err(), refused("infinity"));
    let dates = read::<(Vec<NaiveDate>,)>("array['2025-01-01', '5000000-01-01']::date[]", &pool).await;
    assert_eq!(dates.unwrap_err(), refused("one of the year 5000000"));
    let day = read::<(NaiveDate,)>("'2025-02-03'::date", &pool).await.unwrap();
    assert_eq!(day[0].0.to_string(), "2025-02-03");
}

/// A panic that has nothing to do with instants is the caller's.
#[derive(Debug)]
struct Broken;

impl FromRow<'_, PgRow> for Broken {
    fn from_row(_: &PgRow) -> Result<Self, sqlx::Error> {
        panic!("broken by its author")
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
#[should_panic(expected = "broken by its author")]
async fn another_panic_of_a_type_goes_on(pool: PgPool) {
    let statement = Statement::new(Sql::select().expr(Expr::cust("now()")));
    let _ = statement.fetch::<Broken>(&pool).await;
}
