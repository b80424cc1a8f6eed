//! The tables that a Rails application has made.

use crate::{answer, run_on};
use sqlx::{Connection, PgConnection};
use tasker_core::factories::{Pattern, workflow};

fn url() -> String {
    std::env::var("TASKER_CORE_ENGINE_DATABASE_URL")
        .expect("TASKER_CORE_ENGINE_DATABASE_URL should name a database of the engine's")
}

#[test]
fn the_engines_schema_is_as_expected_and_is_not_migrated() {
    let checked = run_on(&url(), "schema check --json");
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    assert_eq!(answer(run_on(&url(), "schema check")).out, "the schema is as expected\n");
    let refused = run_on(&url(), "schema migrate");
    assert_eq!(refused.code, Some(4));
    assert!(refused.err.contains("its Rails application migrates them"), "{}", refused.err);
}

#[tokio::test]
async fn a_task_in_the_engines_tables_is_shown_and_listed() {
    let url = url();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let made = workflow(Pattern::Diamond).in_namespace("command_line").create(&mut connection).await.unwrap();
    let shown = run_on(&url, &format!("task show {} --json", made.task));
    let listed = run_on(&url, "task list --namespace command_line --json --limit 10000");
    let ready = run_on(&url, &format!("ready --task {} --json", made.task));
    let others = [run_on(&url, "health"), run_on(&url, "slowest"), run_on(&url, "slowest tasks")];
    remove(&mut connection, made.task.0).await;

    assert_eq!(answer(shown).json()["steps"].as_array().unwrap().len(), 4);
    let listed = answer(listed).json();
    assert!(listed.as_array().unwrap().iter().any(|task| task["task_id"] == made.task.0));
    assert_eq!(answer(ready).json()[0]["step_id"], made.steps[0].0);
    for other in others {
        answer(other);
    }
}

/// The database is kept between runs.
async fn remove(connection: &mut PgConnection, task: i64) {
    for statement in [
        "delete from tasker_workflow_step_edges where from_step_id in (select workflow_step_id from tasker_workflow_steps where task_id = $1)",
        "delete from tasker_workflow_step_transitions where workflow_step_id in (select workflow_step_id from tasker_workflow_steps where task_id = $1)",
        "delete from tasker_workflow_steps where task_id = $1",
        "delete from tasker_task_transitions where task_id = $1",
        "delete from tasker_tasks where task_id = $1",
    ] {
        sqlx::query(statement).bind(task).execute(&mut *connection).await.unwrap();
    }
}
