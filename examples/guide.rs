//! The program of docs/rust.md: creates a task, finds it, runs it, looks at it. Everything stands in one transaction that is rolled back.
//!
//!     DATABASE_URL=… cargo run --example guide
//!
//! `rake spec:rust` runs it; a test compares the document with it.

#![allow(missing_docs)]

use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::error::Error;
use tasker_core::blocker::Blocker;
use tasker_core::draw::Diagram;
use tasker_core::functions::Functions;
use tasker_core::ids::{StepId, TaskId, TransitionId};
use tasker_core::models::{Model, Task, WorkflowStep};
use tasker_core::operations::execution::{Attempt, Changes, Ending, finish, finish_task};
use tasker_core::operations::overview::task_overview;
use tasker_core::operations::readiness::step_readiness;
use tasker_core::query::Query;
use tasker_core::schema::{self, Impact};
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
use tasker_core::time::Timestamp;
use tasker_core::transitions::{StepState, TaskState, TransitionError, Transitions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: expected the URL of a database with the engine's tables")?;
    let mut connection = PgConnection::connect(&url).await?;
    check(&mut connection).await?;
    let mut tx = connection.begin().await?;
    let task = create(&mut tx).await?;
    find(&mut tx, task).await?;
    run(&mut tx, task).await?;
    refuse(&mut tx, task).await?;
    look(&mut tx, task).await?;
    Ok(tx.rollback().await?)
}

async fn check(connection: &mut PgConnection) -> Result<(), Box<dyn Error>> {
    for difference in schema::check(connection).await? {
        if difference.impact() == Impact::Broken {
            return Err(difference.to_string().into());
        }
    }
    Ok(())
}

async fn create(tx: &mut PgConnection) -> Result<TaskId, Box<dyn Error>> {
    let template = TaskTemplate { namespace: "payments".into(), ..TaskTemplate::new("settle") }
        .step(StepTemplate::new("bank", "reserve"))
        .step(StepTemplate::new("bank", "pay").after("reserve"))
        .step(StepTemplate::new("mail", "notify").after("reserve"));
    let request = TaskRequest {
        namespace: "payments".into(),
        initiator: "nightly".into(),
        ..TaskRequest::new("settle", &json!({ "payout_id": 7 }))?
    };
    let task = template.create(&request, &mut *tx).await?;
    Ok(TaskId(task.task_id))
}

async fn find(tx: &mut PgConnection, task: TaskId) -> Result<(), Box<dyn Error>> {
    let settling = Query::<Task>::new().in_namespace("payments").with_task_name("settle");
    assert_eq!(settling.all(&mut *tx).await?[0].key(), task.0);

    let payout = Query::<Task>::new().filter(Task::context.contains(json!({ "payout_id": 7 })));
    assert!(payout.exists(&mut *tx).await?);

    let steps = Query::<WorkflowStep>::new().of_tasks(&payout).ready().all(&mut *tx).await?;
    assert_eq!(steps.len(), 1);
    assert!(steps[0].parents(&mut *tx).await?.is_empty());
    Ok(())
}

async fn run(tx: &mut PgConnection, task: TaskId) -> Result<(), Box<dyn Error>> {
    let claim = task.transition_to(TaskState::InProgress, &mut *tx).await?;
    loop {
        let steps = step_readiness(&mut *tx, task, None).await?;
        let Some(ready) = steps.iter().find(|step| step.ready_for_execution) else { break };
        let step = ready.workflow_step_id;
        let claim = step.transition_to(StepState::InProgress, &mut *tx).await?;
        let results = json!({ "step": &*ready.name });
        complete(tx, step, claim.id, &results.to_string()).await?;
    }
    let now = Timestamp::from(chrono::Utc::now().naive_utc());
    let finished = finish_task(&mut *tx, task, Some(claim.id), now).await?;
    assert!(finished.is_some());
    Ok(())
}

async fn complete(
    tx: &mut PgConnection,
    step: StepId,
    claim: TransitionId,
    results: &str,
) -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from(chrono::Utc::now().naive_utc());
    let changes = Changes {
        processed: Some(true),
        processed_at: Some(now),
        results: Some(Some(results.into())),
        ..Changes::default()
    };
    let attempt = Attempt {
        step,
        ending: Ending::Complete,
        attempts: 1,
        last_attempted_at: now,
        changes,
        distinct_to: None,
        claim: Some(claim),
        at: now,
    };
    match finish(&mut *tx, &attempt).await? {
        Some(_) => Ok(()),
        None => Err(format!("step {step} is not this worker's any more").into()),
    }
}

async fn refuse(tx: &mut PgConnection, task: TaskId) -> Result<(), Box<dyn Error>> {
    let refused = task.transition_to(TaskState::Pending, &mut *tx).await;
    assert!(matches!(refused, Err(TransitionError::Invalid { .. })));
    Ok(())
}

async fn look(tx: &mut PgConnection, task: TaskId) -> Result<(), Box<dyn Error>> {
    let mut functions = Functions::new(&mut *tx);
    let context = functions.task_execution_context(task).await?;
    assert_eq!(context.map(|context| context.completed_steps), Some(3));

    let overview = task_overview(&mut *tx, task).await?.ok_or("the task is gone")?;
    let waiting: Vec<Blocker> = overview.blockers().into_iter().flatten().collect();
    assert!(waiting.is_empty());
    println!("{}", Diagram::of_task(&overview).to_mermaid());
    Ok(())
}
