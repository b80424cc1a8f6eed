//! Events of runs in this process.

use crate::{capacity, options, received};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use tasker_core::events::{self, Bridge, BridgeOptions, EventName, Filter, Publisher};
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::TaskId;
use tasker_core::run::{Options, Outcome, StartRefusal};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_run_publishes_its_transitions_and_what_it_found(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(2)).in_namespace("shop").create(&mut connection).await.unwrap();
    let publisher = Publisher::new();
    let mut found =
        publisher.subscribe("found", Filter::new().name(EventName::ViableStepsDiscovered), capacity(10));
    let mut none = publisher.subscribe("none", Filter::new().name(EventName::NoViableSteps), capacity(10));
    let mut ended = publisher.subscribe("ended", Filter::new().name(EventName::TaskCompleted), capacity(10));
    // Only the run wakes it.
    let never = Duration::from_secs(3_600);
    let rarely = BridgeOptions { poll: never, poll_with_notifications: never, ..BridgeOptions::default() };
    let bridge = Bridge::start(options(&pool), publisher, rarely).await.unwrap();
    let handler = async |_| Ok(json!({}));
    let outcome = events::run_workflow(&mut *connection, made.task, Options::default(), &bridge, handler)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Complete);
    for step in made.steps {
        let event = received(&mut found).await;
        assert_eq!(event.payload["step_ids"], json!([step]));
        assert_eq!((&*event.namespace, event.task), ("shop", made.task));
    }
    assert_eq!(received(&mut none).await.payload["reason"], "No steps ready for execution");
    assert_eq!(received(&mut ended).await.task, made.task);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_that_is_missing_is_refused_as_without_events(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let publisher = Publisher::new();
    let _all = publisher.subscribe("all", Filter::new(), capacity(10));
    let bridge = Bridge::start(options(&pool), publisher, BridgeOptions::default()).await.unwrap();
    let handler = async |_| Ok(json!({}));
    let run = events::run_workflow(&mut *connection, TaskId(404), Options::default(), &bridge, handler);
    assert!(matches!(run.await.unwrap(), Outcome::Refused(StartRefusal::UnknownTask)));
}
