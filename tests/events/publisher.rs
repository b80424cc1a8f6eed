//! Subscribers that lag, panic and leave.

use crate::{capacity, received, until};
use serde_json::Map;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tasker_core::events::{Event, EventName, Filter, Publisher};
use tasker_core::ids::TaskId;
use tasker_core::state::State;
use tasker_core::time::Timestamp;
use tokio::sync::Semaphore;

fn event(task: i64) -> Event {
    Event {
        name: EventName::TaskCompleted,
        task: TaskId(task),
        step: None,
        namespace: "payments".into(),
        task_name: "settle".into(),
        task_version: "1.0.0".into(),
        state: Some(State::Complete),
        transition: None,
        at: Timestamp(0),
        payload: Map::new(),
    }
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_delays_nobody_and_its_lag_is_counted() {
    let publisher = Publisher::new();
    let mut slow = publisher.subscribe("slow", Filter::new(), capacity(2));
    let mut fast = publisher.subscribe("fast", Filter::new(), capacity(10));
    for task in 0..10 {
        publisher.publish(event(task));
    }
    let status = publisher.subscribers();
    assert_eq!(
        (&*status[0].name, status[0].waiting, status[0].received, status[0].missed),
        ("slow", 2, 2, 8)
    );
    assert_eq!(
        (&*status[1].name, status[1].waiting, status[1].received, status[1].missed),
        ("fast", 10, 10, 0)
    );
    assert_eq!((received(&mut slow).await.task, received(&mut slow).await.task), (TaskId(0), TaskId(1)));
    for task in 0..10 {
        assert_eq!(received(&mut fast).await.task, TaskId(task));
    }
    assert_eq!((slow.missed(), fast.missed()), (8, 0));
}

#[tokio::test]
async fn a_handler_that_panics_loses_that_event_only() {
    let publisher = Publisher::new();
    let handled = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&handled);
    publisher.listen("odd", Filter::new(), capacity(10), move |event| {
        // One panics before its future is there, one within it.
        assert!(event.task.0 != 3, "no future");
        let counter = Arc::clone(&counter);
        async move {
            assert!(event.task.0 != 5, "in the future");
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    for task in 0..8 {
        publisher.publish(event(task));
    }
    until("six of eight events are handled", async || handled.load(Ordering::SeqCst) == 6).await;
    until("two panics are counted", async || publisher.subscribers()[0].panics == 2).await;
}

#[tokio::test]
async fn a_handler_that_never_returns_keeps_its_own_queue_only() {
    let publisher = Publisher::new();
    let forever = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&forever);
    publisher.listen("stuck", Filter::new(), capacity(1), move |_| {
        let waiting = Arc::clone(&waiting);
        async move { drop(waiting.acquire().await) }
    });
    let mut other = publisher.subscribe("other", Filter::new(), capacity(100));
    for task in 0..100 {
        publisher.publish(event(task));
        assert_eq!(received(&mut other).await.task, TaskId(task));
    }
    assert!(publisher.subscribers()[0].missed > 0);
}

#[tokio::test]
async fn a_subscription_that_is_dropped_is_gone() {
    let publisher = Publisher::new();
    let subscription = publisher.subscribe("gone", Filter::new(), capacity(1));
    let listener = publisher.listen("aborted", Filter::new(), capacity(1), |_| async {});
    assert!(publisher.has_subscribers_to(EventName::TaskCompleted));
    drop(subscription);
    listener.abort();
    until("no subscriber is left", async || publisher.subscribers().is_empty()).await;
    publisher.publish(event(1));
    assert!(!publisher.has_subscribers_to(EventName::TaskCompleted));
}

#[test]
fn a_filter_matches_events_that_match_all_of_its_lists() {
    let matching = |filter: Filter| filter.matches(&event(7));
    assert!(matching(Filter::new().name(EventName::TaskFailed).name(EventName::TaskCompleted)));
    assert!(!matching(Filter::new().name(EventName::TaskFailed)));
    assert!(matching(
        Filter::new().namespace("payments").task_name("settle").task(TaskId(7)).state(State::Complete)
    ));
    assert!(!matching(Filter::new().namespace("shop")));
    assert!(!matching(Filter::new().task_name("order")));
    assert!(!matching(Filter::new().task(TaskId(8))));
    assert!(!matching(Filter::new().state(State::Error)));
    let no_transition = Event { state: None, ..event(7) };
    assert!(!Filter::new().state(State::Complete).matches(&no_transition));
}
