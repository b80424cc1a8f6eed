//! Tasks of which other workers execute some steps.

use crate::support::{
    chain, create, done, eventually, execute, history, options, pending_metadata, reaches, row, start, state,
};
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tasker_core::templates::TaskTemplate;
use tasker_core::worker::recovery::HANDOVER_CHANNEL;
use tasker_core::worker::{Step, StepHandler, TaskHandlers};

/// A worker's handlers for some steps of a template.
fn some(template: &TaskTemplate, steps: &[&str]) -> TaskHandlers {
    steps
        .iter()
        .fold(TaskHandlers::of(template), |handlers, step| handlers.step(*step, StepHandler::new(done)))
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn hands_a_task_over_when_only_steps_of_others_can_go_on(pool: PgPool) {
    let template = chain("order", &["a", "b", "c", "d"]);
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen(HANDOVER_CHANNEL).await.unwrap();
    let worker = start(&pool, [some(&template, &["a", "b", "d"])], options()).await;
    let task = create(&template, &pool).await;
    assert_eq!(listener.recv().await.unwrap().payload(), task.to_string());
    assert_eq!(state(task, &pool).await, "pending");
    assert_eq!(pending_metadata(task, &pool).await, json!({ "tasker_core": { "handover": true } }));
    assert_eq!(history(task, "b", &pool).await, ["in_progress", "complete"]);
    assert!(history(task, "c", &pool).await.is_empty());

    let other = start(&pool, [some(&template, &["c"])], options()).await;
    other.wake_ups.wake();
    eventually("step c", async || history(task, "c", &pool).await.len() == 2).await;
    worker.wake_ups.wake();
    reaches(task, "complete", &pool).await;
    let (totals, other) = (worker.stop().await, other.stop().await);
    assert_eq!((totals.started, totals.handed_over, totals.complete), (2, 1, 1));
    assert_eq!((other.started, other.handed_over), (1, 1));
}

/// Neither looks for tasks by itself.
#[cfg(feature = "events")]
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn are_woken_by_the_bridge_when_a_task_is_handed_over(pool: PgPool) {
    use std::time::Duration;
    use tasker_core::events::{Bridge, BridgeOptions, Publisher};
    use tasker_core::worker::WorkerOptions;

    let never = Duration::from_secs(3_600);
    let woken = || WorkerOptions { look_every: never, look_at_least_every: never, ..options() };
    let template = chain("order", &["a", "b", "c", "d"]);
    let worker = start(&pool, [some(&template, &["a", "b", "d"])], woken()).await;
    let other = start(&pool, [some(&template, &["c"])], woken()).await;
    let publisher = Publisher::new();
    worker.wake_ups.follow(&publisher);
    other.wake_ups.follow(&publisher);
    let often = BridgeOptions { poll: Duration::from_millis(10), ..BridgeOptions::default() };
    let bridge = Bridge::start((*pool.connect_options()).clone(), publisher, often).await.unwrap();
    let task = create(&template, &pool).await;
    worker.wake_ups.wake_task(task);
    reaches(task, "complete", &pool).await;
    drop(bridge);
    let (totals, other) = (worker.stop().await, other.stop().await);
    assert_eq!((totals.complete, other.handed_over), (1, 1));
}

/// It is not started again and again: a task whose next step is another's is no task to start.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn leaves_tasks_of_others_alone(pool: PgPool) {
    let (mixed, foreign) = (chain("mixed", &["a", "b"]), chain("foreign", &["a"]));
    let task = create(&mixed, &pool).await;
    create(&foreign, &pool).await;
    let worker = start(&pool, [some(&mixed, &["b"])], options()).await;
    // Named ones are looked at, too, as after a notification.
    for _ in 0..3 {
        worker.wake_ups.wake_task(task);
        worker.wake_ups.wake();
        tokio::task::yield_now().await;
    }
    execute("update tasker_named_steps set name = 'first' where name = 'a'", &pool).await;
    let other = start(
        &pool,
        [TaskHandlers::new(some(&mixed, &["b"]).kind().clone()).step("first", StepHandler::new(done))],
        options(),
    )
    .await;
    other.wake_ups.wake();
    reaches(task, "complete", &pool).await;
    let totals = worker.stop().await;
    assert_eq!((totals.started, totals.complete), (1, 1));
    other.stop().await;
}

/// A step of another worker that waits for its retry is a reason to hand over: the other worker arranges the retry.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn hands_a_task_over_of_which_a_step_of_others_waits(pool: PgPool) {
    let template = TaskTemplate::new("order")
        .step(tasker_core::templates::StepTemplate::new("tests", "ours"))
        .step(tasker_core::templates::StepTemplate::new("tests", "theirs"));
    let task = create(&template, &pool).await;
    execute(
        "update tasker_workflow_steps s set attempts = 1, last_attempted_at = now(), backoff_request_seconds = 3600
         from tasker_named_steps n where n.named_step_id = s.named_step_id and n.name = 'theirs'",
        &pool,
    )
    .await;
    let worker = start(&pool, [some(&template, &["ours"])], options()).await;
    eventually("the step", async || row(task, "ours", &pool).await["processed"] == json!(true)).await;
    reaches(task, "pending", &pool).await;
    assert_eq!(worker.stop().await.handed_over, 1);
}

/// A failed step of its own is retried, though others have been asked to go on meanwhile.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn retries_its_own_steps_of_a_task_that_it_has_handed_over(pool: PgPool) {
    let template = TaskTemplate::new("order")
        .step(tasker_core::templates::StepTemplate::new("tests", "ours"))
        .step(tasker_core::templates::StepTemplate::new("tests", "theirs"));
    let flaky = StepHandler::new(|step: Step| async move {
        if step.attempts == 0 { Err(tasker_core::run::StepFailure::new("busy")) } else { Ok(json!({})) }
    });
    let worker = start(&pool, [TaskHandlers::of(&template).step("ours", flaky)], options()).await;
    let task = create(&template, &pool).await;
    eventually("the step", async || row(task, "ours", &pool).await["processed"] == json!(true)).await;
    assert!(history(task, "theirs", &pool).await.is_empty());
    let totals = worker.stop().await;
    assert_eq!((totals.started, totals.handed_over), (2, 2));
}
