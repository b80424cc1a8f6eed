//! `task show`

use crate::{answer, on};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::draw::Diagram;
use tasker_core::factories::{Pattern, StepCondition, workflow};
use tasker_core::operations::overview::task_overview;
use tasker_core::transitions::{StepState, TaskState};

async fn settle(pool: &PgPool) -> tasker_core::factories::Workflow {
    let mut connection = pool.acquire().await.unwrap();
    workflow(Pattern::Diamond)
        .in_namespace("payments")
        .named("settle")
        .step("start", StepState::Complete)
        .step("left", StepCondition::Exhausted)
        .task_in(TaskState::InProgress)
        .create(&mut connection)
        .await
        .unwrap()
}

#[sqlx::test]
async fn a_task_is_shown_with_why_each_step_waits(pool: PgPool) {
    let made = settle(&pool).await;
    let shown = answer(on(&pool, &format!("task show {}", made.task)).await);
    let lines: Vec<&str> = shown.out.lines().collect();
    assert_eq!(lines[0], format!("task {}  payments/settle 0.1.0  in_progress", made.task));
    assert!(lines[2].starts_with("STEP"), "{}", shown.out);
    let row = |name: &str| {
        let line = lines.iter().find(|line| line.split_whitespace().nth(1) == Some(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(row("start")[2], "complete");
    assert_eq!(
        row("left")[2..],
        ["error", "3/3", "-", &made.steps[0].to_string(), "no", "attempt", "left", "(3", "of", "3)"]
    );
    assert_eq!(row("right")[2..], ["pending", "0/3", "-", &made.steps[0].to_string(), "ready"]);
    let last = row("finish");
    assert_eq!(last[2..5], ["pending", "0/3", "-"]);
    assert_eq!(last[6..], ["waits", "for", "2", "of", "2"]);
    assert!(!shown.out.contains('\u{1b}'), "a pipe is no terminal");
}

#[sqlx::test]
async fn json_has_the_same_as_the_table(pool: PgPool) {
    let made = settle(&pool).await;
    let shown = answer(on(&pool, &format!("task show {} --json", made.task)).await).json();
    assert_eq!(
        (&shown["task_id"], &shown["name"], &shown["state"]),
        (&json!(made.task.0), &json!("settle"), &json!("in_progress"))
    );
    let steps = shown["steps"].as_array().unwrap();
    let ready: Vec<bool> = steps.iter().map(|step| step["ready"].as_bool().unwrap()).collect();
    assert_eq!(ready, [false, false, true, false]);
    assert_eq!(steps[1]["waits"], "no attempt left (3 of 3)");
    assert_eq!(steps[3]["depends_on"], json!([made.steps[1].0, made.steps[2].0]));
}

#[sqlx::test]
async fn a_step_in_backoff_has_its_next_retry(pool: PgPool) {
    let made = settle(&pool).await;
    sqlx::query("update tasker_workflow_steps set attempts = 1, backoff_request_seconds = 3600, last_attempted_at = '2999-01-01' where workflow_step_id = $1")
        .bind(made.steps[1].0)
        .execute(&pool)
        .await
        .unwrap();
    let shown = answer(on(&pool, &format!("task show {} --json", made.task)).await).json();
    let step = &shown["steps"][1];
    assert_eq!(
        (&step["waits"], &step["next_retry_at"]),
        (&json!("waits for a retry"), &json!("2999-01-01 01:00:00.000000"))
    );
    let shown = answer(on(&pool, &format!("task show {}", made.task)).await);
    assert!(shown.out.contains("2999-01-01 01:00:00 "), "{}", shown.out);
}

#[sqlx::test]
async fn pictures_are_those_of_the_library(pool: PgPool) {
    let made = settle(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let overview = task_overview(&mut *connection, made.task).await.unwrap().unwrap();
    let diagram = Diagram::of_task(&overview);
    let shown =
        async |format: &str| answer(on(&pool, &format!("task show {} --{format}", made.task)).await).out;
    assert_eq!(shown("dot").await.trim_end(), diagram.to_dot().trim_end());
    assert_eq!(shown("mermaid").await.trim_end(), diagram.to_mermaid().trim_end());
    assert_eq!(shown("svg").await.trim_end(), diagram.to_svg().trim_end());
    assert!(shown("timeline").await.starts_with("<svg"));
}

#[sqlx::test]
async fn an_unknown_task_is_refused(pool: PgPool) {
    let refused = on(&pool, "task show 7").await;
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert_eq!(refused.err, "tasker-core: no task 7: expected the id of a task of this database\n");
    assert_eq!(on(&pool, "task show seven").await.code, Some(2));
    assert_eq!(on(&pool, "task show 7 --json --dot").await.code, Some(2));
}
