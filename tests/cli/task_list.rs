//! `task list` and `ready`

use crate::{answer, on};
use sqlx::PgPool;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::transitions::{StepState, TaskState};

/// Three tasks: a failed payment, a complete one, and a pending order with a step in progress.
async fn tasks(pool: &PgPool) -> [i64; 3] {
    let mut connection = pool.acquire().await.unwrap();
    let settle = || workflow(Pattern::Linear(2)).in_namespace("payments").named("settle");
    let failed =
        settle().steps_in(StepState::Error).task_in(TaskState::Error).create(&mut connection).await.unwrap();
    let done = settle().version("2.0.0").steps_in(StepState::Complete).task_in(TaskState::Complete);
    let done = done.create(&mut connection).await.unwrap();
    let order =
        workflow(Pattern::Diamond).in_namespace("shop").named("order").step("left", StepState::InProgress);
    let order = order.task_in(TaskState::Pending).create(&mut connection).await.unwrap();
    [failed.task.0, done.task.0, order.task.0]
}

#[sqlx::test]
async fn filters_are_the_scopes(pool: PgPool) {
    let [failed, done, order] = tasks(&pool).await;
    for (filters, expected) in [
        ("", vec![order, done, failed]),
        ("--namespace payments", vec![done, failed]),
        ("--name order", vec![order]),
        ("--task-version 2.0.0", vec![done]),
        ("--state error", vec![failed]),
        ("--state complete", vec![done]),
        ("--active", vec![order]),
        ("--failed-since 1h", vec![failed]),
        ("--completed-since 1h", vec![done]),
        ("--created-since 2999-01-01", vec![]),
        ("--created-since 2000-01-01T12:00:00", vec![order, done, failed]),
        ("--namespace payments --state error", vec![failed]),
        ("--namespace shop --state error", vec![]),
        ("--limit 2", vec![order, done]),
        ("--annotation kind key value", vec![]),
    ] {
        let listed = answer(on(&pool, &format!("task list --json {filters}")).await).json();
        let ids: Vec<i64> =
            listed.as_array().unwrap().iter().map(|task| task["task_id"].as_i64().unwrap()).collect();
        assert_eq!(ids, expected, "{filters}");
    }
    let older = answer(on(&pool, &format!("task list --before {done} --json")).await).json();
    assert_eq!(older[0]["task_id"], failed);
}

#[sqlx::test]
async fn a_list_is_a_table(pool: PgPool) {
    let [failed, done, order] = tasks(&pool).await;
    let listed = answer(on(&pool, "task list").await);
    assert!(listed.out.starts_with("TASK"), "{}", listed.out);
    let rows = listed.rows();
    let columns: Vec<Vec<&str>> = rows.iter().map(|row| row[..5].to_vec()).collect();
    let (failed, done, order) = (failed.to_string(), done.to_string(), order.to_string());
    assert_eq!(
        columns,
        [
            vec![order.as_str(), "shop", "order", "0.1.0", "pending"],
            vec![&done, "payments", "settle", "2.0.0", "complete"],
            vec![&failed, "payments", "settle", "0.1.0", "error"],
        ]
    );
}

#[sqlx::test]
async fn wrong_filters_are_refused_with_what_is_expected(pool: PgPool) {
    for (filters, expected) in [
        (
            "--state failed",
            "expected one of pending, in_progress, complete, error, cancelled, resolved_manually",
        ),
        (
            "--created-since yesterday",
            "expected 90s, 15m, 6h, 2d, 2026-01-31 or 2026-01-31T12:00:00, got \"yesterday\"",
        ),
        ("--created-since 5\u{e9}", "expected 90s, 15m"),
        ("--limit 0", "0 is not in 1..=10000"),
        ("--annotation kind key", "3 values required"),
    ] {
        let refused = on(&pool, &format!("task list {filters}")).await;
        assert_eq!(refused.code, Some(2), "{filters}");
        assert!(refused.err.contains(expected), "{filters}: expected {expected}, got {}", refused.err);
    }
}

#[sqlx::test]
async fn ready_steps_are_listed_by_id(pool: PgPool) {
    let [_, _, order] = tasks(&pool).await;
    let listed = answer(on(&pool, "ready --namespace shop").await);
    let rows = listed.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0][1..], [&*order.to_string(), "start", "0"]);
    let step = rows[0][0];
    let json = answer(on(&pool, &format!("ready --task {order} --json")).await).json();
    assert_eq!((json[0]["step_id"].to_string(), &json[0]["name"]), (step.to_owned(), &"start".into()));
    assert!(
        answer(on(&pool, &format!("ready --task {order} --after {step} --json")).await)
            .json()
            .as_array()
            .unwrap()
            .is_empty()
    );
}
