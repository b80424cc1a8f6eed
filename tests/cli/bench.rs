//! `bench`

use crate::{answer, on, run_on, url};
use sqlx::{AssertSqlSafe, PgPool};

async fn schemas(pool: &PgPool) -> Vec<String> {
    let names = "select nspname::text from pg_namespace where nspname like 'tasker_core_bench%'";
    sqlx::query_scalar(names).fetch_all(pool).await.unwrap()
}

#[sqlx::test]
async fn it_measures_in_tables_of_its_own_and_drops_them(pool: PgPool) {
    // Of a bench that was killed.
    sqlx::raw_sql("create schema tasker_core_bench_1; create table tasker_core_bench_1.rows (id int)")
        .execute(&pool)
        .await
        .unwrap();
    let run = answer(on(&pool, "bench --seconds 1 --steps 3 --json").await).json();
    for rate in ["inserts_per_second", "chain_steps_per_second", "wave_steps_per_second"] {
        assert!(run[rate].as_f64().unwrap() > 0.0, "{run}");
    }
    assert_eq!(run["steps"], 3);
    assert!(schemas(&pool).await.is_empty());
    let tasks: i64 = sqlx::query_scalar("select count(*) from tasker_tasks").fetch_one(&pool).await.unwrap();
    assert_eq!(tasks, 0, "the tables of the application are not touched");
}

/// It needs no tables of the application.
#[sqlx::test(migrations = false)]
async fn the_table_says_under_which_conditions(pool: PgPool) {
    let run = answer(on(&pool, "bench --seconds 1 --steps 2").await);
    let labels: Vec<&str> = run.out.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(
        labels[..4],
        ["MEASURED", "rows, one a commit", "steps of chains of 2", "steps of waves of 2"]
    );
    assert!(run.out.contains("fsync "), "{}", run.out);
}

#[sqlx::test]
async fn it_refuses_where_nothing_can_be_made(pool: PgPool) {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let role = format!("{name}_reader").chars().take(60).collect::<String>();
    let make = format!("create role \"{role}\" login");
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&pool).await.unwrap();
    let url = url(&pool).await;
    let separator = if url.contains('?') { '&' } else { '?' };
    let refused = run_on(&format!("{url}{separator}user={role}"), "bench");
    let read_only = format!("alter database \"{name}\" set default_transaction_read_only = on");
    let set = format!("drop role \"{role}\"; {read_only}");
    sqlx::raw_sql(AssertSqlSafe(set)).execute(&pool).await.unwrap();
    assert_eq!(refused.code, Some(1), "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("got a role without the privilege CREATE on it"), "{}", refused.err);
    let refused = run_on(&url, "bench");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("got one that is read-only"), "{}", refused.err);
}
