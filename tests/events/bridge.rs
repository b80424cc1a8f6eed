//! Transitions of other processes.

use crate::{capacity, options, received, task, until};
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::time::Duration;
use tasker_core::events::{
    Bridge, BridgeOptions, EventName, Filter, Position, Publisher, install_notifications,
};
use tasker_core::transitions::{TaskState, Transitions};

/// So long that a test that has to wait for it fails.
const NEVER: Duration = Duration::from_secs(3_600);

fn started() -> Filter {
    Filter::new().name(EventName::TaskStartRequested)
}

fn without_polls() -> BridgeOptions {
    BridgeOptions {
        poll: NEVER,
        poll_with_notifications: NEVER,
        reconnect: Duration::from_millis(10),
        ..BridgeOptions::default()
    }
}

/// Until it listens and has read.
async fn listening(bridge: &Bridge) {
    until("the bridge has read", async || bridge.status().reads > 0).await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_commit_elsewhere_is_published_by_its_notification(pool: PgPool) {
    let mut other = pool.acquire().await.unwrap();
    install_notifications(&mut other).await.unwrap();
    let publisher = Publisher::new();
    let mut events = publisher.subscribe("test", started(), capacity(10));
    let bridge = Bridge::start(options(&pool), publisher, without_polls()).await.unwrap();
    listening(&bridge).await;
    assert!(bridge.status().has_notifications);
    let task = task(&mut other).await;
    task.transition_to(TaskState::InProgress, &mut *other).await.unwrap();
    assert_eq!(received(&mut events).await.task, task);
    assert_eq!(bridge.status().notifications, 1);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn without_triggers_it_is_woken_or_polls(pool: PgPool) {
    let mut other = pool.acquire().await.unwrap();
    let publisher = Publisher::new();
    let mut events = publisher.subscribe("test", started(), capacity(10));
    let bridge = Bridge::start(options(&pool), publisher.clone(), without_polls()).await.unwrap();
    listening(&bridge).await;
    assert!(!bridge.status().has_notifications);
    let first = task(&mut other).await;
    first.transition_to(TaskState::InProgress, &mut *other).await.unwrap();
    bridge.wake();
    assert_eq!(received(&mut events).await.task, first);
    drop(bridge);

    let polls = BridgeOptions { listen: false, poll: Duration::from_millis(10), ..without_polls() };
    let bridge = Bridge::start(options(&pool), publisher, polls).await.unwrap();
    let second = task(&mut other).await;
    second.transition_to(TaskState::InProgress, &mut *other).await.unwrap();
    assert_eq!(received(&mut events).await.task, second);
    drop(bridge);
}

/// Its session is ended again and again while tasks start elsewhere.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_lost_connection_misses_nothing(pool: PgPool) {
    let mut other = pool.acquire().await.unwrap();
    install_notifications(&mut other).await.unwrap();
    let publisher = Publisher::new();
    let mut events = publisher.subscribe("test", started(), capacity(1_000));
    let connect = options(&pool).application_name("bridge under test");
    let bridge = Bridge::start(connect, publisher, without_polls()).await.unwrap();
    listening(&bridge).await;
    let mut tasks = BTreeSet::new();
    for round in 0..5 {
        let before = bridge.status().disconnects;
        let ended: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'bridge under test'",
        )
        .fetch_one(&mut *other)
        .await
        .unwrap();
        assert_eq!(ended, 1, "round {round}");
        // No session listens now, or not for long.
        let task = task(&mut other).await;
        task.transition_to(TaskState::InProgress, &mut *other).await.unwrap();
        tasks.insert(task);
        until("the loss is noticed and made good", async || {
            let status = bridge.status();
            status.disconnects > before && status.is_connected
        })
        .await;
        assert!(bridge.status().last_error.is_some());
    }
    let mut published = BTreeSet::new();
    while published.len() < tasks.len() {
        assert!(published.insert(received(&mut events).await.task), "each once");
    }
    assert_eq!(published, tasks);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn it_goes_on_at_a_position_that_was_kept(pool: PgPool) {
    let mut other = pool.acquire().await.unwrap();
    let publisher = Publisher::new();
    let mut events = publisher.subscribe("test", started(), capacity(10));
    let first = Bridge::start(options(&pool), publisher.clone(), without_polls()).await.unwrap();
    let kept: Position = first.status().position;
    drop(first);
    let task = task(&mut other).await;
    task.transition_to(TaskState::InProgress, &mut *other).await.unwrap();
    let again = BridgeOptions { position: Some(kept), ..without_polls() };
    let bridge = Bridge::start(options(&pool), publisher, again).await.unwrap();
    assert_eq!(received(&mut events).await.task, task);
    assert_eq!(bridge.status().published, 1);
}
