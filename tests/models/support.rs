//! Questions that many tests ask.

use sqlx::PgPool;
use std::time::{Duration, Instant};
use tasker_core::Error;
use tasker_core::models::{
    Invalid, Model, New, NewDependentSystem, NewNamedStep, NewNamedTask, NewTask, NewTaskNamespace,
    NewWorkflowStep, Task, WorkflowStep,
};

/// The messages of a refusal, as Rails shows them.
pub fn messages<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(Invalid { errors, .. })) => errors.iter().map(ToString::to_string).collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Returns once a session waits for a lock, or fails after ten seconds.
pub async fn until_blocked(pool: &PgPool, process: i32) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let blocked = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1";
    while sqlx::query_scalar::<_, Option<bool>>(blocked).bind(process).fetch_one(pool).await.unwrap()
        != Some(true)
    {
        assert!(Instant::now() < deadline, "session {process} should wait for a lock");
    }
}

/// A task without steps.
pub async fn task(pool: &PgPool) -> Task {
    let namespace = NewTaskNamespace::new("payments").find_or_create(pool).await.unwrap();
    let named_task = NewNamedTask::new("settle", namespace.key()).find_or_create(pool).await.unwrap();
    NewTask::new(named_task.key(), serde_json::json!({ "payout": 7 })).create(pool).await.unwrap()
}

/// A step of a task, of a kind of that name.
pub async fn step(task: &Task, name: &str, pool: &PgPool) -> WorkflowStep {
    let system = NewDependentSystem::new("bank").find_or_create(pool).await.unwrap();
    let named_step = NewNamedStep::new(name, system.key()).find_or_create(pool).await.unwrap();
    NewWorkflowStep::new(task.key(), named_step.key()).create(pool).await.unwrap()
}

/// How many rows the tables of tasks and of what belongs to them have.
pub async fn rows_of_tasks(pool: &PgPool) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "tasker_tasks",
        "tasker_task_transitions",
        "tasker_task_annotations",
        "tasker_workflow_steps",
        "tasker_workflow_step_edges",
        "tasker_workflow_step_transitions",
    ] {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        counts.push(sqlx::query_scalar(count).fetch_one(pool).await.unwrap());
    }
    counts
}
