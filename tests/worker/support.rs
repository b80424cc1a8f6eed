//! A worker for tests, and waiting for what it does.

use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use std::time::{Duration, Instant};
use tasker_core::ids::TaskId;
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
use tasker_core::worker::{
    CancellationToken, HandlerResult, Registry, Step, StepHandler, TaskHandlers, Totals, WakeUps, Worker,
    WorkerOptions,
};
use tokio::task::JoinHandle;

/// Far beyond what any machine takes: it only ends tests that would wait for ever.
const DEADLINE: Duration = Duration::from_secs(60);

/// Steps in a row, by their names.
pub fn chain(name: &str, steps: &[&str]) -> TaskTemplate {
    steps.iter().enumerate().fold(TaskTemplate::new(name), |template, (place, step)| {
        let step = StepTemplate::new("tests", *step);
        template.step(if place == 0 { step } else { step.after(steps[place - 1]) })
    })
}

/// Steps that wait for nothing.
pub fn fan(name: &str, steps: usize) -> TaskTemplate {
    (0..steps).fold(TaskTemplate::new(name), |template, step| {
        template.step(StepTemplate::new("tests", format!("step_{step}")))
    })
}

/// The same handler for all steps of a template.
pub fn all(template: &TaskTemplate, handler: &StepHandler) -> TaskHandlers {
    template
        .steps
        .iter()
        .fold(TaskHandlers::of(template), |handlers, step| handlers.step(&step.name, handler.clone()))
}

pub async fn create(template: &TaskTemplate, pool: &PgPool) -> TaskId {
    let request = TaskRequest {
        namespace: template.namespace.clone(),
        version: template.version.clone(),
        ..TaskRequest::new(&template.name, &json!({ "order": 7 })).unwrap()
    };
    TaskId(template.create(&request, pool).await.unwrap().task_id)
}

pub async fn done(step: Step) -> HandlerResult {
    Ok(json!({ "step": step.name }))
}

pub fn database(pool: &PgPool) -> PgConnectOptions {
    (*pool.connect_options()).clone()
}

/// Looks often enough for a test, without recovery.
pub fn options() -> WorkerOptions {
    WorkerOptions { recovery: None, look_at_least_every: Duration::from_secs(1), ..WorkerOptions::default() }
}

pub struct Running {
    pub wake_ups: WakeUps,
    shutdown: CancellationToken,
    worker: JoinHandle<Totals>,
}

pub async fn start(
    pool: &PgPool,
    handlers: impl IntoIterator<Item = TaskHandlers>,
    options: WorkerOptions,
) -> Running {
    let worker = Worker::start(database(pool), Registry::new(handlers).unwrap(), options).await.unwrap();
    let (wake_ups, shutdown) = (worker.wake_ups(), CancellationToken::new());
    Running { wake_ups, shutdown: shutdown.clone(), worker: tokio::spawn(worker.run(shutdown)) }
}

impl Running {
    pub fn shut_down(&self) {
        self.shutdown.cancel();
    }

    pub async fn stop(self) -> Totals {
        self.shutdown.cancel();
        tokio::time::timeout(DEADLINE, self.worker).await.expect("a worker that ends").unwrap()
    }

    /// As `kill -9`, as far as the database can see: nothing is written any more, and the sessions end.
    pub async fn kill(self) {
        self.worker.abort();
        let _ = self.worker.await;
    }
}

/// Polls until the condition holds.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition().await {
        assert!(Instant::now() < deadline, "expected {what} within {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub async fn state(task: TaskId, pool: &PgPool) -> String {
    let state: Option<String> =
        sqlx::query_scalar("select to_state from tasker_task_transitions where task_id = $1 and most_recent")
            .bind(task.0)
            .fetch_optional(pool)
            .await
            .unwrap();
    state.unwrap_or_else(|| "pending".to_owned())
}

pub async fn reaches(task: TaskId, wanted: &str, pool: &PgPool) {
    eventually(&format!("task {task} to be {wanted}"), async || state(task, pool).await == wanted).await;
}

/// The states of a step, oldest first.
pub async fn history(task: TaskId, step: &str, pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select t.to_state from tasker_workflow_steps s
         join tasker_named_steps n on n.named_step_id = s.named_step_id
         join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
         where s.task_id = $1 and n.name = $2 order by t.sort_key",
    )
    .bind(task.0)
    .bind(step)
    .fetch_all(pool)
    .await
    .unwrap()
}

/// The row of a step.
pub async fn row(task: TaskId, step: &str, pool: &PgPool) -> Value {
    let text: String = sqlx::query_scalar(
        "select to_jsonb(s)::text from tasker_workflow_steps s
         join tasker_named_steps n on n.named_step_id = s.named_step_id where s.task_id = $1 and n.name = $2",
    )
    .bind(task.0)
    .bind(step)
    .fetch_one(pool)
    .await
    .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The metadata of a task's last transition to pending.
pub async fn pending_metadata(task: TaskId, pool: &PgPool) -> Value {
    let text: String = sqlx::query_scalar(
        "select metadata::text from tasker_task_transitions where task_id = $1 and to_state = 'pending' order by sort_key desc limit 1",
    )
    .bind(task.0)
    .fetch_one(pool)
    .await
    .unwrap();
    serde_json::from_str(&text).unwrap()
}

pub async fn execute(sql: &'static str, pool: &PgPool) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

/// Tasks whose only step waits for its backoff, an hour.
pub async fn waiting_tasks(template: &TaskTemplate, number: i32, pool: &PgPool) {
    create(template, pool).await;
    sqlx::query(
        "with first as (select * from tasker_tasks limit 1), copies as (
           insert into tasker_tasks (named_task_id, complete, requested_at, identity_hash, context, created_at, updated_at)
           select named_task_id, false, requested_at, identity_hash || n, context, created_at, updated_at
           from first, generate_series(2, $1) n returning task_id
         ), steps as (
           insert into tasker_workflow_steps
             (task_id, named_step_id, retryable, retry_limit, in_process, processed, skippable, inputs, created_at, updated_at)
           select copies.task_id, s.named_step_id, true, 3, false, false, false, '{}', s.created_at, s.updated_at
           from copies, tasker_workflow_steps s where s.task_id = (select task_id from first)
         )
         select 1",
    )
    .bind(number)
    .execute(pool)
    .await
    .unwrap();
    execute(
        "update tasker_workflow_steps set attempts = 1, last_attempted_at = now(), backoff_request_seconds = 3600;
         insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
         select 'error', 10, true, workflow_step_id, now(), now() from tasker_workflow_steps;
         insert into tasker_task_transitions (to_state, sort_key, most_recent, task_id, created_at, updated_at)
         select 'pending', 10, true, task_id, now(), now() from tasker_tasks;
         analyze",
        pool,
    )
    .await;
}
