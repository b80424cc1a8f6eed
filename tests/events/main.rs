//! Events: what is published when transitions commit.

#![cfg(all(feature = "events", feature = "factories"))]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod bridge;
mod cursor;
mod feed;
mod notifications;
mod publisher;
mod runs;

use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use tasker_core::events::{Event, Feed, Subscription};
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::TaskId;

/// Longer than any machine stands still.
const DEADLINE: Duration = Duration::from_secs(60);

fn capacity(events: usize) -> NonZeroUsize {
    NonZeroUsize::new(events).unwrap()
}

/// Waits until a condition holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds().await {
        assert!(Instant::now() < end, "expected within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn received(subscription: &mut Subscription) -> std::sync::Arc<Event> {
    tokio::time::timeout(DEADLINE, subscription.recv()).await.expect("an event in time").expect("a publisher")
}

/// A task of one step.
async fn task(connection: &mut PgConnection) -> TaskId {
    workflow(Pattern::Linear(1)).create(connection).await.unwrap().task
}

/// All events that are there.
async fn rest(feed: &mut Feed, connection: &mut PgConnection) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let read = feed.next(connection).await.unwrap();
        if read.is_empty() {
            return events;
        }
        events.extend(read);
    }
}

fn options(pool: &PgPool) -> PgConnectOptions {
    (*pool.connect_options()).clone()
}
