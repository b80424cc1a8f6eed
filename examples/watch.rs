//! Events of a workflow: subscribes, runs a task, and prints what happens to it until it is complete.
//!
//!     DATABASE_URL=… cargo run --example watch --features events
//!
//! The bridge publishes the transitions of all processes, Rails included. `rake spec:rust` runs this.

use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use std::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;
use tasker_core::events::{self, Bridge, BridgeOptions, EventName, Filter, Publisher};
use tasker_core::ids::TaskId;
use tasker_core::run::Options;
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};

const QUEUE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match watch().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn watch() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: expected the URL of a database with the engine's tables")?;
    let options: PgConnectOptions = url.parse()?;

    let publisher = Publisher::new();
    let orders = Filter::new().namespace("shop").task_name("order");
    let mut subscription = publisher.subscribe("watch", orders, QUEUE);
    let failures = Filter::new().name(EventName::StepFailed).name(EventName::TaskFailed);
    publisher.listen("alarm", failures, QUEUE, |event| async move {
        eprintln!("task {} of {}: {:?}", event.task, event.namespace, event.payload.get("error_message"));
    });
    let bridge = Bridge::start(options.clone(), publisher, BridgeOptions::default()).await?;

    let pool = PgPool::connect_with(options).await?;
    let task = order(&pool).await?;
    let mut connection = pool.acquire().await?;
    let handler = async |_| Ok(json!({ "done": true }));
    events::run_workflow(&mut *connection, task, Options::default(), &bridge, handler).await?;

    let complete = async {
        while let Some(event) = subscription.recv().await {
            if event.task == task {
                println!("{} step {:?}", event.name, event.step.map(|step| step.0));
            }
            if event.task == task && event.name == EventName::TaskCompleted {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), complete).await.map_err(|_| {
        format!("expected the event task.completed of task {task} within a minute, got {:?}", bridge.status())
    })?;
    println!("{} events were missed", subscription.missed());
    Ok(())
}

async fn order(pool: &PgPool) -> Result<TaskId, Box<dyn Error>> {
    let template = TaskTemplate { namespace: "shop".into(), ..TaskTemplate::new("order") }
        .step(StepTemplate::new("bank", "pay"))
        .step(StepTemplate::new("mail", "confirm").after("pay"));
    let request =
        TaskRequest { namespace: "shop".into(), ..TaskRequest::new("order", &json!({ "cart": 7 }))? };
    Ok(TaskId(template.create(&request, pool).await?.task_id))
}
