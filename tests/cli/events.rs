//! `events` and `schema notify`

use crate::{answer, on, program, run_on, url};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use tasker_core::events::EventName;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::TaskId;
use tasker_core::run::{Options, run_workflow};
use tasker_core::transitions::{TaskState, Transitions};

async fn finished_task(pool: &PgPool, namespace: &str) -> TaskId {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).in_namespace(namespace).create(&mut connection).await.unwrap();
    run_workflow(&mut *connection, made.task, Options::default(), async |_| Ok(json!({}))).await.unwrap();
    made.task
}

#[sqlx::test]
async fn the_last_events_are_lines_with_filters(pool: PgPool) {
    assert_eq!(answer(on(&pool, "events").await).out, "");
    let first = finished_task(&pool, "payments").await;
    let second = finished_task(&pool, "shop").await;
    let run = answer(on(&pool, "events").await);
    assert_eq!(run.out.lines().count(), 8, "{}", run.out);
    let words: Vec<&str> = run.out.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(words[2..5], ["task.start_requested", "task", &first.to_string()]);
    for (filters, count) in [
        ("--namespace shop", 4),
        ("--event task.completed --event task.start_requested", 4),
        ("--state complete --namespace payments", 2),
        ("--last 1", 2),
        ("--name nothing", 0),
    ] {
        let run = answer(on(&pool, &format!("events {filters}")).await);
        assert_eq!(run.out.lines().count(), count, "{filters}: {}", run.out);
    }
    let run = answer(on(&pool, &format!("events --json --task {second} --event step.completed")).await);
    let event: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&event["namespace"], &event["payload"]["task_id"]), (&json!("shop"), &json!(second)));
}

/// A child that is ended with the test.
struct Following(Child);

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Its reader waits for each line, and its session is ended in between.
#[sqlx::test]
async fn following_prints_commits_and_survives_a_lost_connection(pool: PgPool) {
    let before = finished_task(&pool, "before").await;
    let mut command = program();
    command.env("DATABASE_URL", url(&pool).await).stdout(Stdio::piped()).stderr(Stdio::null());
    command.args([
        "events",
        "--follow",
        "--json",
        "--last",
        "1",
        "--interval",
        "10",
        "--event",
        "task.completed",
    ]);
    let mut child = Following(command.spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut next = move || {
        let line = lines.next().expect("a line").unwrap();
        serde_json::from_str::<Value>(&line).unwrap()["task_id"].clone()
    };
    assert_eq!(next(), json!(before));
    for round in 0..2 {
        let task = finished_task(&pool, "payments").await;
        assert_eq!(next(), json!(task), "{round}");
        let ended: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where application_name = 'tasker-core' and datname = current_database()",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(ended, 1);
    }
    let task = finished_task(&pool, "payments").await;
    assert_eq!(next(), json!(task));
}

#[sqlx::test]
async fn names_and_wrong_options_need_no_database(_pool: PgPool) {
    let names = answer(run_on("postgres://nowhere.invalid/x", "events --names --json")).json();
    assert_eq!(names.as_array().unwrap().len(), EventName::ALL.len());
    let refused = run_on("postgres://nowhere.invalid/x", "events --event step.done");
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("expected the name of an event of the engine"), "{}", refused.err);
}

#[sqlx::test]
async fn notifications_are_installed_and_removed(pool: PgPool) {
    let triggers = async || -> i64 {
        let count = "select count(*) from pg_trigger where tgname = 'tasker_core_notify_transitions'";
        sqlx::query_scalar(count).fetch_one(&pool).await.unwrap()
    };
    let installed = answer(on(&pool, "schema notify").await);
    assert_eq!(installed.out, "commits that record transitions notify the channel tasker_core_transitions\n");
    assert_eq!(triggers().await, 2);
    assert_eq!(answer(on(&pool, "schema check").await).code, Some(0));
    let task = workflow(Pattern::Linear(1)).create(&mut pool.acquire().await.unwrap()).await.unwrap().task;
    task.transition_to(TaskState::InProgress, &mut *pool.acquire().await.unwrap()).await.unwrap();
    answer(on(&pool, "schema notify --remove").await);
    assert_eq!(triggers().await, 0);
}

#[sqlx::test(migrations = false)]
async fn without_tables_nothing_is_followed_or_installed(pool: PgPool) {
    for command in ["events", "events --follow", "schema notify"] {
        let refused = on(&pool, command).await;
        assert_eq!((refused.code, refused.out.as_str()), (Some(4), ""), "{command}");
        assert!(refused.err.contains("expected one, found none"), "{command}: {}", refused.err);
    }
}
