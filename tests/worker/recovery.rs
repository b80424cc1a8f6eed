//! Claims of workers that are gone, and connections that are lost.

use crate::support::{
    Running, all, chain, create, database, done, eventually, execute, history, options, pending_metadata,
    reaches, row, start, state,
};
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tasker_core::ids::{TaskId, WorkerKey};
use tasker_core::templates::TaskTemplate;
use tasker_core::worker::recovery::{HANDOVER_CHANNEL, RecoveryReport, recover};
use tasker_core::worker::{Step, StepHandler, WorkerOptions};
use tokio::sync::Semaphore;

const GRACE: Duration = Duration::from_secs(1);

fn recovering() -> WorkerOptions {
    WorkerOptions { recovery: Some(GRACE), ..options() }
}

/// A worker that has claimed a task's step and does not end it.
async fn stuck(template: &TaskTemplate, pool: &PgPool) -> (Running, TaskId) {
    let worker = start(pool, [all(template, &StepHandler::new(|_: Step| pending()))], recovering()).await;
    let task = create(template, pool).await;
    worker.wake_ups.wake_task(task);
    eventually("the claim", async || history(task, "pay", pool).await == ["in_progress"]).await;
    (worker, task)
}

/// The key in the claim of a task.
async fn key(task: TaskId, pool: &PgPool) -> WorkerKey {
    let key: String = sqlx::query_scalar(
        "select metadata #>> '{tasker_core,worker}' from tasker_task_transitions where task_id = $1 and to_state = 'in_progress'",
    )
    .bind(task.0)
    .fetch_one(pool)
    .await
    .unwrap();
    WorkerKey(key.parse().unwrap())
}

async fn locked(key: WorkerKey, pool: &PgPool) -> bool {
    sqlx::query_scalar(
        "select exists (select from pg_locks where locktype = 'advisory' and granted and objsubid = 1
                        and ((classid::bigint << 32) | objid::bigint) = $1)",
    )
    .bind(key.0)
    .fetch_one(pool)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn takes_up_the_work_of_a_worker_that_was_killed(pool: PgPool) {
    let template = chain("order", &["pay", "ship"]);
    let (worker, task) = stuck(&template, &pool).await;
    let dead = key(task, &pool).await;
    assert!(locked(dead, &pool).await);
    worker.kill().await;
    eventually("the lock to be free", async || !locked(dead, &pool).await).await;

    let next = start(&pool, [all(&template, &StepHandler::new(done))], recovering()).await;
    reaches(task, "complete", &pool).await;
    let states = ["in_progress", "error", "pending", "in_progress", "complete"];
    assert_eq!(history(task, "pay", &pool).await, states);
    let step = row(task, "pay", &pool).await;
    assert_eq!((&step["attempts"], &step["processed"]), (&json!(2), &json!(true)));
    let reason = format!("its worker, process {dead}, is gone");
    let recovered = json!({ "tasker_core": { "reason": reason, "recoveries": 1, "handover": true } });
    assert_eq!(pending_metadata(task, &pool).await, recovered);
    next.stop().await;
}

/// Writes the claim of a worker for a task and its step, as a Rails process with the gem does.
async fn claim(task: TaskId, key: Option<WorkerKey>, pool: &PgPool) {
    let metadata = key.map_or(json!({}), |key| json!({ "tasker_core": { "worker": key.to_string() } }));
    sqlx::query(
        "with of_task as (
           insert into tasker_task_transitions (to_state, sort_key, most_recent, metadata, task_id, created_at, updated_at)
           values ('in_progress', 10, true, $2::jsonb, $1, now(), now())
         )
         insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, metadata, workflow_step_id, created_at, updated_at)
         select 'in_progress', 10, true, $2::jsonb, workflow_step_id, now(), now() from tasker_workflow_steps where task_id = $1",
    )
    .bind(task.0)
    .bind(metadata.to_string())
    .execute(pool)
    .await
    .unwrap();
}

/// Rails workers bear the same keys under the same metadata, and hold the same locks.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn recovers_rails_workers_that_are_dead_and_no_others(pool: PgPool) {
    let template = chain("order", &["pay"]);
    let (dead, living, unknown) =
        (create(&template, &pool).await, create(&template, &pool).await, create(&template, &pool).await);
    claim(dead, Some(WorkerKey(-7)), &pool).await;
    claim(living, Some(WorkerKey(8)), &pool).await;
    claim(unknown, None, &pool).await;
    let mut rails = pool.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(8)").execute(&mut *rails).await.unwrap();
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen(HANDOVER_CHANNEL).await.unwrap();

    let worker = start(&pool, [all(&chain("other", &["x"]), &StepHandler::new(done))], recovering()).await;
    // Rails is asked to go on with it, at the commit.
    assert_eq!(listener.recv().await.unwrap().payload(), dead.to_string());
    assert_eq!(state(dead, &pool).await, "pending");
    let results = row(dead, "pay", &pool).await["results"].clone();
    assert_eq!(results["error_class"], "TaskerCore::Recovery::WorkerLost");
    assert_eq!(results["error"], "The attempt was interrupted: its worker, process -7, is gone");
    assert_eq!(
        (state(living, &pool).await, state(unknown, &pool).await),
        ("in_progress".into(), "in_progress".into())
    );
    worker.stop().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn recovers_by_hand(pool: PgPool) {
    let task = create(&chain("order", &["pay"]), &pool).await;
    claim(task, Some(WorkerKey(-7)), &pool).await;
    let grace = Duration::from_millis(10);
    let dry = recover(&database(&pool), grace, true).await.unwrap();
    assert_eq!(dry.to_string(), "would recover 1 workers, 1 steps, 1 tasks, 0 failed, 0 suspects");
    assert_eq!(state(task, &pool).await, "in_progress");
    let report = recover(&database(&pool), grace, false).await.unwrap();
    assert_eq!((report.workers, report.tasks), (vec![WorkerKey(-7)], vec![task]));
    assert_eq!(state(task, &pool).await, "pending");
    assert_eq!(recover(&database(&pool), grace, false).await.unwrap(), RecoveryReport::default());
}

/// A task that was recovered twice without a step done in between may be what kills its workers: it waits.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn waits_with_tasks_that_were_recovered_again_and_again(pool: PgPool) {
    let template = chain("order", &["pay"]);
    let (often, once) = (create(&template, &pool).await, create(&template, &pool).await);
    for (task, recoveries) in [(often, 6), (once, 1)] {
        sqlx::query(
            "insert into tasker_task_transitions (to_state, sort_key, most_recent, metadata, task_id, created_at, updated_at)
             values ('pending', 10, true, jsonb_build_object('tasker_core', jsonb_build_object('recoveries', $2)), $1, now(), now())",
        )
        .bind(task.0)
        .bind(recoveries)
        .execute(&pool)
        .await
        .unwrap();
    }
    let worker = start(&pool, [all(&template, &StepHandler::new(done))], options()).await;
    reaches(once, "complete", &pool).await;
    assert_eq!(state(often, &pool).await, "pending");
    execute("update tasker_task_transitions set created_at = created_at - interval '65 seconds'", &pool)
        .await;
    worker.wake_ups.wake();
    reaches(often, "complete", &pool).await;
    worker.stop().await;
}

/// Ends every session of the database but the test's own.
const END_SESSIONS: &str = "select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'test'";

/// The worker's connections and its lock are lost while a handler runs. Its end is written all the same, and the lock is the same.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn survives_the_loss_of_all_its_connections(pool: PgPool) {
    let template = chain("order", &["a", "b", "c"]);
    let (began, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let of_handler = (Arc::clone(&began), Arc::clone(&go));
    let handler = StepHandler::new(move |step: Step| {
        let (began, go) = of_handler.clone();
        async move {
            began.add_permits(1);
            go.acquire().await.unwrap().forget();
            Ok(json!({ "attempts": step.attempts }))
        }
    });
    let worker = start(
        &pool,
        [all(&template, &handler)],
        WorkerOptions { recovery: Some(Duration::from_secs(30)), ..options() },
    )
    .await;
    let task = create(&template, &pool).await;
    worker.wake_ups.wake();
    let mut own = pool.acquire().await.unwrap();
    sqlx::raw_sql("set application_name = 'test'").execute(&mut *own).await.unwrap();
    for _ in 0..3 {
        began.acquire().await.unwrap().forget();
        sqlx::raw_sql(END_SESSIONS).execute(&mut *own).await.unwrap();
        go.add_permits(1);
    }
    drop(own);
    reaches(task, "complete", &pool).await;
    let key = key(task, &pool).await;
    eventually("the lock to be taken again", async || locked(key, &pool).await).await;
    for step in ["a", "b", "c"] {
        assert_eq!(row(task, step, &pool).await["results"], json!({ "attempts": 0 }));
    }
    let totals = worker.stop().await;
    assert_eq!((totals.complete, totals.failed), (1, 0));
    assert!(!locked(key, &pool).await);
}

/// A claim of its own that no run has read, as after a lost answer, is ended without a grace period.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_its_own_claims_that_it_does_not_run(pool: PgPool) {
    let template = chain("order", &["pay"]);
    let options = WorkerOptions { recovery: Some(Duration::from_secs(3_600)), ..options() };
    let worker = start(&pool, [all(&template, &StepHandler::new(done))], options).await;
    let first = create(&template, &pool).await;
    reaches(first, "complete", &pool).await;
    let key = key(first, &pool).await;
    let lost = create(&template, &pool).await;
    claim(lost, Some(key), &pool).await;
    assert_eq!(state(lost, &pool).await, "in_progress");
    // It doubts what it has when its sessions are lost.
    let mut own = pool.acquire().await.unwrap();
    sqlx::raw_sql("set application_name = 'test'").execute(&mut *own).await.unwrap();
    sqlx::raw_sql(END_SESSIONS).execute(&mut *own).await.unwrap();
    drop(own);
    reaches(lost, "complete", &pool).await;
    let error = "The attempt was interrupted: the run that executed it has left it";
    assert_eq!(history(lost, "pay", &pool).await.len(), 5);
    let interrupted: i64 = sqlx::query_scalar(
        "select count(*) from tasker_workflow_step_transitions where metadata #>> '{tasker_core,reason}' = $1",
    )
    .bind(error.trim_start_matches("The attempt was interrupted: "))
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(interrupted, 1);
    worker.stop().await;
}
