//! How much is at work at the same time.

use crate::support::{all, create, fan, options, reaches, start};
use serde_json::json;
use sqlx::PgPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tasker_core::worker::{Step, StepHandler, WorkerOptions};

/// How many attempts were at work at the same time.
#[derive(Clone, Default)]
struct Gauge {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Gauge {
    fn handler(&self) -> StepHandler {
        let gauge = self.clone();
        StepHandler::new(move |_: Step| {
            let gauge = gauge.clone();
            async move {
                let now = gauge.now.fetch_add(1, Ordering::SeqCst) + 1;
                gauge.most.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                gauge.now.fetch_sub(1, Ordering::SeqCst);
                Ok(json!({}))
            }
        })
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

async fn run(handler: &StepHandler, options: WorkerOptions, pool: &PgPool) {
    let template = fan("order", 8);
    let mut tasks = Vec::new();
    for _ in 0..6 {
        tasks.push(create(&template, pool).await);
    }
    let worker = start(pool, [all(&template, handler)], options).await;
    for task in tasks {
        reaches(task, "complete", pool).await;
    }
    worker.stop().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_the_worker(pool: PgPool) {
    let gauge = Gauge::default();
    run(&gauge.handler(), WorkerOptions { attempts: 3, ..options() }, &pool).await;
    assert!((2..=3).contains(&gauge.most()), "{}", gauge.most());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_a_handler(pool: PgPool) {
    let gauge = Gauge::default();
    run(&gauge.handler().at_most(1), options(), &pool).await;
    // Each step's handler has the limit; there are eight steps in each task.
    assert!((2..=8).contains(&gauge.most()), "{}", gauge.most());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_a_task(pool: PgPool) {
    let gauge = Gauge::default();
    run(&gauge.handler(), WorkerOptions { steps_of_a_task: 2, tasks: 1, ..options() }, &pool).await;
    assert_eq!(gauge.most(), 2);
}
