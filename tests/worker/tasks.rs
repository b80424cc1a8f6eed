//! Tasks from their creation to their end.

use crate::support::{all, chain, create, done, fan, history, options, reaches, row, start};
use serde_json::json;
use sqlx::PgPool;
use std::sync::Arc;
use tasker_core::config::{Config, Live, Loader};
use tasker_core::run::StepFailure;
use tasker_core::templates::{StepTemplate, TaskTemplate};
use tasker_core::worker::{ConfigSource, Step, StepHandler, TaskHandlers, WorkerOptions};
use tokio::sync::watch;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn completes_many_tasks_of_several_kinds(pool: PgPool) {
    let (long, wide) = (chain("long", &["a", "b", "c"]), fan("wide", 5));
    let handler = StepHandler::new(done);
    let worker = start(&pool, [all(&long, &handler), all(&wide, &handler)], options()).await;
    let mut tasks = Vec::new();
    for _ in 0..20 {
        tasks.push(create(&long, &pool).await);
        tasks.push(create(&wide, &pool).await);
    }
    worker.wake_ups.wake();
    for task in &tasks {
        reaches(*task, "complete", &pool).await;
    }
    for step in ["a", "b", "c"] {
        assert_eq!(history(tasks[0], step, &pool).await, ["in_progress", "complete"]);
        assert_eq!(row(tasks[0], step, &pool).await["results"], json!({ "step": step }));
    }
    let totals = worker.stop().await;
    assert_eq!((totals.started, totals.complete, totals.failed), (40, 40, 0));
    // Many tasks are started by one statement.
    assert!(totals.looks < 40, "{totals:?}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn gives_handlers_inputs_parents_context_and_configuration(pool: PgPool) {
    let template = chain("order", &["reserve", "pay"]);
    let pay = |step: Step| async move {
        Ok(json!({
            "inputs": step.inputs,
            "amount": step.parents().await?.results("reserve")?["amount"],
            "order": step.context().await?["order"],
            "ttl": step.config.cache.default_ttl,
            "key": step.idempotency_key(),
            "unknown": step.parents().await?.results("ship").unwrap_err().error,
        }))
    };
    let reserve = StepHandler::blocking(|step: Step| {
        assert_eq!(step.parents_blocking()?.iter().count(), 0);
        Ok(json!({ "amount": 120, "order": step.context_blocking()?["order"] }))
    });
    let handlers = TaskHandlers::of(&template).step("reserve", reserve).step("pay", StepHandler::new(pay));
    let config: Config = Loader::new().set("cache.default_ttl", 77).load().unwrap();
    let options = WorkerOptions { config: ConfigSource::Fixed(Arc::new(config)), ..options() };
    let worker = start(&pool, [handlers], options).await;
    let task = create(&template, &pool).await;
    reaches(task, "complete", &pool).await;
    let results = row(task, "pay", &pool).await["results"].clone();
    assert_eq!(
        (&results["amount"], &results["order"], &results["ttl"]),
        (&json!(120), &json!(7), &json!(77))
    );
    assert_eq!(results["inputs"]["order"], 7);
    assert!(results["key"].as_str().unwrap().ends_with("-pay"));
    assert_eq!(results["unknown"], r#"expected a parent "ship", got ["reserve"]"#);
    worker.stop().await;
}

/// The configuration of a run stays what it was when the run began.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn keeps_one_configuration_for_a_run(pool: PgPool) {
    let template = chain("order", &["a", "b"]);
    let live = Arc::new(Live::start(Loader::new().set("cache.default_ttl", 1)).unwrap());
    let changing = Arc::clone(&live);
    let handler = StepHandler::new(move |step: Step| {
        let live = Arc::clone(&changing);
        async move {
            live.change(|loader| loader.set("cache.default_ttl", 2));
            Ok(json!(step.config.cache.default_ttl))
        }
    });
    let options = WorkerOptions { config: ConfigSource::Live(live), ..options() };
    let worker = start(&pool, [all(&template, &handler)], options).await;
    let first = create(&template, &pool).await;
    reaches(first, "complete", &pool).await;
    let second = create(&template, &pool).await;
    reaches(second, "complete", &pool).await;
    for (task, ttl) in [(first, 1), (second, 2)] {
        assert_eq!(
            (&row(task, "a", &pool).await["results"], &row(task, "b", &pool).await["results"]),
            (&json!(ttl), &json!(ttl))
        );
    }
    worker.stop().await;
}

/// A failed step is retried when its wait is over, without a wake-up.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn retries_a_failed_step_after_its_backoff(pool: PgPool) {
    let template = chain("order", &["pay"]);
    let handler = StepHandler::new(|step: Step| async move {
        if step.attempts == 0 { Err(StepFailure::new("no answer")) } else { Ok(json!({})) }
    });
    let worker = start(&pool, [all(&template, &handler)], options()).await;
    let task = create(&template, &pool).await;
    reaches(task, "complete", &pool).await;
    let states = ["in_progress", "error", "pending", "in_progress", "complete"];
    assert_eq!(history(task, "pay", &pool).await, states);
    let wait: f64 = sqlx::query_scalar(
        "select extract(epoch from max(created_at) - min(created_at))::float8 from tasker_workflow_step_transitions
         where to_state in ('error', 'pending')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    // The engine's, after the first attempt.
    assert!(wait >= 2.0, "{wait}");
    let totals = worker.stop().await;
    assert_eq!((totals.started, totals.pending, totals.complete), (2, 1, 1));
}

/// Of tasks that were recovered or left by others only the end may remain.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_tasks_of_which_nothing_but_the_end_remains(pool: PgPool) {
    let template = chain("order", &["pay"]);
    let (complete, blocked) = (create(&template, &pool).await, create(&template, &pool).await);
    for (task, state, attempts) in [(complete, "complete", 1), (blocked, "error", 3)] {
        sqlx::query(
            "with step as (
               update tasker_workflow_steps set attempts = $3, processed = $2 = 'complete', last_attempted_at = now() - interval '1 hour'
               where task_id = $1 returning workflow_step_id
             )
             insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
             select $2, 10, true, workflow_step_id, now() - interval '1 hour', now() from step",
        )
        .bind(task.0)
        .bind(state)
        .bind(attempts)
        .execute(&pool)
        .await
        .unwrap();
    }
    let worker = start(&pool, [all(&template, &StepHandler::new(done))], options()).await;
    reaches(complete, "complete", &pool).await;
    reaches(blocked, "error", &pool).await;
    let totals = worker.stop().await;
    assert_eq!((totals.complete, totals.blocked), (1, 1));
}

/// Tasks beyond the first ten thousand are found, though none of these can go on.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn finds_tasks_behind_ten_thousand_that_wait(pool: PgPool) {
    let template = TaskTemplate::new("order").step(StepTemplate::new("tests", "pay"));
    crate::support::waiting_tasks(&template, 10_000, &pool).await;
    let worker = start(&pool, [all(&template, &StepHandler::new(done))], options()).await;
    let task = create(&template, &pool).await;
    reaches(task, "complete", &pool).await;
    worker.stop().await;
}

/// Two workers do not start a task twice. Neither ends a step before both have begun one.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn shares_tasks_with_another_worker(pool: PgPool) {
    let template = chain("order", &["a", "b"]);
    let (began, _) = watch::channel([false; 2]);
    let handler = |place: usize| {
        let began = began.clone();
        StepHandler::new(move |_: Step| {
            let began = began.clone();
            async move {
                began.send_modify(|began| began[place] = true);
                began.subscribe().wait_for(|began| began[0] && began[1]).await.unwrap();
                Ok(json!({}))
            }
        })
    };
    let options = || WorkerOptions { tasks: 4, ..options() };
    let first = start(&pool, [all(&template, &handler(0))], options()).await;
    let second = start(&pool, [all(&template, &handler(1))], options()).await;
    let mut tasks = Vec::new();
    for _ in 0..60 {
        tasks.push(create(&template, &pool).await);
    }
    for task in &tasks {
        reaches(*task, "complete", &pool).await;
        assert_eq!(history(*task, "a", &pool).await, ["in_progress", "complete"]);
    }
    let (first, second) = (first.stop().await, second.stop().await);
    assert_eq!(first.complete + second.complete, 60);
    assert!(first.complete > 0 && second.complete > 0, "{first:?} {second:?}");
}
