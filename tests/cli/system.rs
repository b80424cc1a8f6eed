//! `health`, `slowest` and `completions`

use crate::{answer, on, program, run};
use sqlx::PgPool;
use tasker_core::factories::{Pattern, StepCondition, workflow};
use tasker_core::transitions::{StepState, TaskState};

async fn tasks(pool: &PgPool) -> i64 {
    let mut connection = pool.acquire().await.unwrap();
    let done = workflow(Pattern::Linear(2)).in_namespace("payments").steps_in(StepState::Complete);
    let done = done.task_in(TaskState::Complete).create(&mut connection).await.unwrap();
    workflow(Pattern::Linear(1)).steps_in(StepCondition::Exhausted).create(&mut connection).await.unwrap();
    done.task.0
}

#[sqlx::test]
async fn health_counts_and_advises(pool: PgPool) {
    tasks(&pool).await;
    let json = answer(on(&pool, "health --json").await).json();
    assert_eq!(
        (&json["total_tasks"], &json["complete_tasks"], &json["total_steps"]),
        (&2.into(), &1.into(), &3.into())
    );
    assert_eq!(json["exhausted_retry_steps"], 1);
    assert_eq!(json["recommendations"][0], "steps have no attempt left: resolve or retry them");
    let text = answer(on(&pool, "health").await).out;
    assert!(
        text.contains("total steps")
            && text.contains("- steps have no attempt left: resolve or retry them\n"),
        "{text}"
    );
}

#[sqlx::test]
async fn the_slowest_come_first(pool: PgPool) {
    let done = tasks(&pool).await;
    let json = answer(on(&pool, "slowest --json").await).json();
    let seconds: Vec<f64> =
        json.as_array().unwrap().iter().map(|step| step["seconds"].as_f64().unwrap()).collect();
    assert_eq!(seconds.len(), 2);
    assert!(seconds.is_sorted_by(|a, b| a >= b));
    let tasks = answer(on(&pool, "slowest tasks --json --namespace payments").await).json();
    assert_eq!((tasks.as_array().unwrap().len(), &tasks[0]["task_id"]), (1, &done.into()));
    assert_eq!(answer(on(&pool, "slowest steps --limit 1").await).rows().len(), 1);
    assert!(
        answer(on(&pool, "slowest --since 2999-01-01 --json").await).json().as_array().unwrap().is_empty()
    );
}

#[test]
fn every_shell_has_a_completion() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = answer(run(program().args(["completions", shell]))).out;
        assert!(script.contains("slowest") && script.contains("created-since"), "{shell}");
    }
}

#[test]
fn help_and_version_need_no_database() {
    let help = answer(run(program().arg("--help"))).out;
    for command in ["task", "ready", "health", "slowest", "schema", "config", "completions"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is missing in {help}");
    }
    assert_eq!(
        answer(run(program().arg("--version"))).out,
        format!("tasker-core {}\n", env!("CARGO_PKG_VERSION"))
    );
}
