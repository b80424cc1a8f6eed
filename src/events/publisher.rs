//! Subscribers and their queues.

use super::event::Event;
use super::filter::Filter;
use super::name::EventName;
use futures_util::FutureExt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// Hands events to subscribers. Clones share the subscribers.
///
/// Each subscriber has a bounded queue of its own. Where it is full, the event is dropped for this subscriber alone and counted, so a subscriber
/// can neither slow the publisher nor the other subscribers. What must not miss an event reads a [`Feed`](super::Feed) instead.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use serde_json::Map;
/// use std::num::NonZeroUsize;
/// use tasker_core::events::{Event, EventName, Filter, Publisher};
/// use tasker_core::ids::TaskId;
/// use tasker_core::time::Timestamp;
///
/// let publisher = Publisher::new();
/// let failures = Filter::new().name(EventName::TaskFailed);
/// let mut subscription = publisher.subscribe("alarm", failures, NonZeroUsize::MIN);
/// let event = Event {
///     name: EventName::TaskFailed,
///     task: TaskId(7),
///     step: None,
///     namespace: "payments".into(),
///     task_name: "settle".into(),
///     task_version: "1.0.0".into(),
///     state: None,
///     transition: None,
///     at: Timestamp(0),
///     payload: Map::new(),
/// };
/// publisher.publish(event.clone());
/// publisher.publish(event);
/// assert_eq!(subscription.recv().await.map(|event| event.task), Some(TaskId(7)));
/// // The second one found the queue full.
/// assert_eq!(subscription.missed(), 1);
/// assert_eq!(publisher.subscribers()[0].missed, 1);
/// # });
/// ```
#[derive(Clone, Default)]
pub struct Publisher {
    subscribers: Arc<RwLock<Vec<Subscriber>>>,
}

struct Subscriber {
    filter: Filter,
    queue: mpsc::Sender<Arc<Event>>,
    counters: Arc<Counters>,
}

struct Counters {
    name: Box<str>,
    queued: AtomicU64,
    missed: AtomicU64,
    panics: AtomicU64,
}

/// A subscriber, as it is now.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tasker_core::events::{Filter, Publisher, SubscriberStatus};
///
/// let publisher = Publisher::new();
/// let _subscription = publisher.subscribe("metrics", Filter::new(), NonZeroUsize::MIN);
/// let status: &SubscriberStatus = &publisher.subscribers()[0];
/// assert_eq!((&*status.name, status.waiting, status.received, status.missed, status.panics), ("metrics", 0, 0, 0, 0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriberStatus {
    /// Its name.
    pub name: Box<str>,
    /// Events in its queue.
    pub waiting: usize,
    /// Events that were put into its queue since it subscribed.
    pub received: u64,
    /// Events that it missed since it subscribed, because its queue was full.
    pub missed: u64,
    /// Calls of its handler that panicked.
    pub panics: u64,
}

impl Publisher {
    /// Without subscribers.
    pub fn new() -> Self {
        Publisher::default()
    }

    /// Adds a subscriber with a queue of `capacity` events. It unsubscribes by dropping the subscription.
    ///
    /// Events that are published from now on arrive in the order in which they are published.
    pub fn subscribe(&self, name: &str, filter: Filter, capacity: NonZeroUsize) -> Subscription {
        let counters = Arc::new(Counters {
            name: name.into(),
            queued: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            panics: AtomicU64::new(0),
        });
        let (queue, receiver) = mpsc::channel(capacity.get());
        let subscriber = Subscriber { filter, queue, counters: Arc::clone(&counters) };
        self.subscribers.write().unwrap_or_else(PoisonError::into_inner).push(subscriber);
        Subscription { receiver, counters }
    }

    /// Adds a subscriber whose handler is called for one event after the other, on a task of the current runtime of tokio.
    ///
    /// A handler that panics loses that event only. The subscriber goes on until the handle aborts it or the publisher is dropped.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::num::NonZeroUsize;
    /// use tasker_core::events::{Filter, Publisher};
    ///
    /// let publisher = Publisher::new();
    /// let listener = publisher.listen("log", Filter::new(), NonZeroUsize::MIN, |event| async move { println!("{}", event.name) });
    /// listener.abort();
    /// # });
    /// ```
    pub fn listen<H, F>(&self, name: &str, filter: Filter, capacity: NonZeroUsize, handler: H) -> AbortHandle
    where
        H: Fn(Arc<Event>) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send,
    {
        let mut subscription = self.subscribe(name, filter, capacity);
        let listening = async move {
            while let Some(event) = subscription.recv().await {
                if AssertUnwindSafe(async { handler(event).await }).catch_unwind().await.is_err() {
                    subscription.counters.panics.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        tokio::spawn(listening).abort_handle()
    }

    /// Puts an event into the queue of every subscriber whose filter matches. It never waits. O(subscribers).
    pub fn publish(&self, event: impl Into<Arc<Event>>) {
        let event = event.into();
        let mut any_closed = false;
        for subscriber in self.subscribers.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if !subscriber.filter.matches(&event) {
                continue;
            }
            let counter = match subscriber.queue.try_send(Arc::clone(&event)) {
                Ok(()) => &subscriber.counters.queued,
                Err(mpsc::error::TrySendError::Full(_)) => &subscriber.counters.missed,
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    any_closed = true;
                    continue;
                }
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        if any_closed {
            let mut subscribers = self.subscribers.write().unwrap_or_else(PoisonError::into_inner);
            subscribers.retain(|subscriber| !subscriber.queue.is_closed());
        }
    }

    /// Whether a subscriber may receive events of this name.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tasker_core::events::{EventName, Filter, Publisher};
    ///
    /// let publisher = Publisher::new();
    /// assert!(!publisher.has_subscribers_to(EventName::TaskFailed));
    /// let _subscription = publisher.subscribe("all", Filter::new(), NonZeroUsize::MIN);
    /// assert!(publisher.has_subscribers_to(EventName::TaskFailed));
    /// ```
    pub fn has_subscribers_to(&self, name: EventName) -> bool {
        let subscribers = self.subscribers.read().unwrap_or_else(PoisonError::into_inner);
        subscribers.iter().any(|subscriber| !subscriber.queue.is_closed() && subscriber.filter.admits(name))
    }

    /// The subscribers, in the order in which they subscribed.
    pub fn subscribers(&self) -> Vec<SubscriberStatus> {
        let subscribers = self.subscribers.read().unwrap_or_else(PoisonError::into_inner);
        let open = subscribers.iter().filter(|subscriber| !subscriber.queue.is_closed());
        let status = |subscriber: &Subscriber| SubscriberStatus {
            name: subscriber.counters.name.clone(),
            waiting: subscriber.queue.max_capacity() - subscriber.queue.capacity(),
            received: subscriber.counters.queued.load(Ordering::Relaxed),
            missed: subscriber.counters.missed.load(Ordering::Relaxed),
            panics: subscriber.counters.panics.load(Ordering::Relaxed),
        };
        open.map(status).collect()
    }
}

/// The events of one subscriber. Dropping it unsubscribes.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tasker_core::events::{Filter, Publisher, Subscription};
///
/// let publisher = Publisher::new();
/// let mut subscription: Subscription = publisher.subscribe("all", Filter::new(), NonZeroUsize::MIN);
/// assert!(subscription.try_recv().is_none());
/// drop(publisher);
/// // No clone of the publisher is left.
/// assert!(subscription.blocking_recv().is_none());
/// ```
pub struct Subscription {
    receiver: mpsc::Receiver<Arc<Event>>,
    counters: Arc<Counters>,
}

impl Subscription {
    /// Waits for the next event; none once the publisher is dropped and the queue is empty. A call that is cancelled loses nothing.
    pub fn recv(&mut self) -> impl Future<Output = Option<Arc<Event>>> + Send {
        self.receiver.recv()
    }

    /// The next event, where one waits.
    pub fn try_recv(&mut self) -> Option<Arc<Event>> {
        self.receiver.try_recv().ok()
    }

    /// Waits for the next event on a thread without async.
    ///
    /// # Panics
    ///
    /// On a thread that runs a runtime of tokio.
    pub fn blocking_recv(&mut self) -> Option<Arc<Event>> {
        self.receiver.blocking_recv()
    }

    /// Events that it missed so far, because its queue was full.
    pub fn missed(&self) -> u64 {
        self.counters.missed.load(Ordering::Relaxed)
    }
}
