//! One clear error each, and its exit status.

use crate::{on, program, run, run_on, url};
use sqlx::PgPool;
use std::io::Read;
use std::process::Stdio;

#[test]
fn without_a_database_the_option_is_named() {
    let failed = run(program().args(["task", "list"]));
    assert_eq!((failed.code, failed.out.as_str()), (Some(2), ""));
    assert_eq!(
        failed.err,
        "tasker-core: no database: expected --database-url or the variable DATABASE_URL, got neither\n"
    );
    let failed = run_on("mysql//nothing", "health");
    assert_eq!(failed.code, Some(2));
    assert!(failed.err.contains("expected postgres://user@host/name"), "{}", failed.err);
}

#[test]
fn a_server_that_is_not_there_is_named_without_its_password() {
    let failed = run_on("postgres://u:hunter2@127.0.0.1:1/none", "health");
    assert_eq!(failed.code, Some(3));
    assert!(failed.err.starts_with("tasker-core: no connection to the database: "), "{}", failed.err);
    assert!(!failed.err.contains("hunter2"));
    assert!(!run_on("postgres://u:hunter2@h:port/none", "health").err.contains("hunter2"));
}

#[sqlx::test(migrations = false)]
async fn a_database_that_does_not_exist_is_named(pool: PgPool) {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let failed = run_on(&url(&pool).await.replace(&name, "no_such_database"), "health");
    assert_eq!(failed.code, Some(3));
    assert_eq!(
        failed.err,
        "tasker-core: no connection to the database: database \"no_such_database\" does not exist\n"
    );
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_is_migrated_once(pool: PgPool) {
    let failed = on(&pool, "task list").await;
    assert_eq!(failed.code, Some(4));
    assert!(
        failed.err.starts_with("tasker-core: the schema of this database cannot be used: table "),
        "{}",
        failed.err
    );
    assert!(failed.err.contains("`tasker-core schema check`"), "{}", failed.err);
    let checked = on(&pool, "schema check").await;
    assert_eq!(checked.code, Some(1));
    assert!(
        checked.out.contains("broken")
            && checked.out.contains("table tasker_tasks: expected one, found none"),
        "{}",
        checked.out
    );

    let migrated = on(&pool, "schema migrate").await;
    assert_eq!(migrated.code, Some(0), "{}", migrated.err);
    assert!(migrated.out.starts_with("migrated to version 1\n"), "{}", migrated.out);
    assert_eq!(on(&pool, "schema migrate").await.out, "the tables are up to date\n");
    // The engine's view and functions are absent, and are not needed.
    let checked = on(&pool, "schema check --json").await;
    assert_eq!(checked.code, Some(0));
    assert!(checked.json().as_array().unwrap().iter().all(|difference| difference["impact"] == "fallback"));
    assert_eq!(on(&pool, "task list --json").await.out, "[]\n");
}

#[sqlx::test]
async fn a_schema_that_is_too_old_or_too_new_is_named(pool: PgPool) {
    for (change, named) in [
        ("alter table tasker_tasks drop column tags", "column tasker_tasks.tags"),
        (
            "alter table tasker_tasks add column tags jsonb; alter table tasker_tasks add column tenant text not null",
            "tasker_tasks.tenant",
        ),
    ] {
        sqlx::raw_sql(change).execute(&pool).await.unwrap();
        for command in ["task list", "task show 1", "ready", "health", "slowest"] {
            let failed = on(&pool, command).await;
            assert_eq!((failed.code, failed.out.as_str()), (Some(4), ""), "{command}");
            assert!(failed.err.contains(named), "{command}: expected {named}, got {}", failed.err);
        }
        assert!(on(&pool, "schema check").await.out.contains(named));
    }
}

#[sqlx::test]
async fn questions_write_nothing(pool: PgPool) {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let read_only = format!("alter database \"{name}\" set default_transaction_read_only = on");
    sqlx::raw_sql(sqlx::AssertSqlSafe(read_only)).execute(&pool).await.unwrap();
    for command in ["task list", "ready", "health", "slowest", "schema check"] {
        assert_eq!(on(&pool, command).await.code, Some(0), "{command}");
    }
}

async fn set_read_only(setting: &str, pool: &PgPool) {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(pool).await.unwrap();
    let statement = format!("alter database \"{name}\" {setting} default_transaction_read_only");
    let statement = if setting == "set" { format!("{statement} = on") } else { statement };
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(pool).await.unwrap();
}

/// The names of all tables, triggers and functions of the database.
async fn objects(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace
         union all select tgname::text from pg_trigger where not tgisinternal
         union all select proname::text from pg_proc where pronamespace = 'public'::regnamespace order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[sqlx::test(migrations = false)]
async fn nothing_is_migrated_in_part_where_nothing_can_be_written(pool: PgPool) {
    let before = objects(&pool).await;
    set_read_only("set", &pool).await;
    let failed = on(&pool, "schema migrate").await;
    assert_eq!((failed.code, failed.out.as_str()), (Some(5), ""), "{}", failed.err);
    assert!(failed.err.contains("read-only transaction"), "{}", failed.err);
    assert_eq!(failed.err.lines().count(), 1, "{}", failed.err);
    assert_eq!(objects(&pool).await, before);
    set_read_only("reset", &pool).await;
    assert_eq!(on(&pool, "schema migrate").await.code, Some(0));
}

#[sqlx::test]
async fn nothing_is_installed_in_part_where_nothing_can_be_written(pool: PgPool) {
    let before = objects(&pool).await;
    set_read_only("set", &pool).await;
    for command in ["schema notify", "schema notify --remove"] {
        let failed = on(&pool, command).await;
        assert_eq!((failed.code, failed.out.as_str()), (Some(5), ""), "{command}: {}", failed.err);
        assert!(failed.err.starts_with("tasker-core: "), "{command}: {}", failed.err);
        assert!(failed.err.contains("read-only"), "{command}: {}", failed.err);
        assert_eq!(failed.err.lines().count(), 1, "{command}: {}", failed.err);
    }
    assert_eq!(objects(&pool).await, before);
}

#[test]
fn wrong_usage_is_named_with_what_is_expected() {
    for (arguments, named) in [
        ("tasks", "tasks"),
        ("task show one", "one"),
        ("task show 1 --json --svg", "cannot be used with"),
        ("completions tcsh", "possible values: bash"),
    ] {
        let failed = run_on("postgres://u@127.0.0.1:1/none", arguments);
        assert_eq!((failed.code, failed.out.as_str()), (Some(2), ""), "{arguments}");
        assert!(failed.err.contains(named), "{arguments}: {}", failed.err);
    }
}

#[sqlx::test]
async fn a_closed_pipe_is_no_failure(pool: PgPool) {
    let mut program = program();
    program.env("DATABASE_URL", url(&pool).await).args(["config", "schema"]);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!(words, "");
}
