//! News of tasks from outside.

#[cfg(feature = "events")]
use crate::events::{EventName, Filter, Publisher};
use crate::ids::TaskId;
use std::collections::BTreeSet;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
#[cfg(feature = "events")]
use tokio::task::AbortHandle;

/// Tasks that are named before the worker takes them, at most. Beyond, it looks at all tasks.
const MOST: usize = 1_000;
/// Events that wait to be made into wake-ups, at most.
#[cfg(feature = "events")]
const QUEUE: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN.saturating_add(MOST - 1);

/// Wakes a worker before it would look for tasks by itself: for a program that has created a task, and for the bridge to other processes.
///
/// Calls neither wait nor fail, from any thread, also when the worker is gone. Wake-ups are hints: the worker looks into the database
/// before it starts a task, and finds without them what they would have named, only later.
///
/// ```
/// use tasker_core::ids::TaskId;
/// use tasker_core::worker::WakeUps;
///
/// fn created(task: TaskId, worker: &WakeUps) {
///     worker.wake_task(task);
/// }
/// created(TaskId(7), &WakeUps::default());
/// ```
#[derive(Clone, Debug, Default)]
pub struct WakeUps(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    news: Mutex<News>,
    notify: Notify,
}

/// What a worker was woken for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    pub(super) all: bool,
    pub(super) tasks: BTreeSet<TaskId>,
}

impl WakeUps {
    /// Tasks may be ready, unknown which. O(1)
    ///
    /// ```
    /// use tasker_core::worker::WakeUps;
    ///
    /// WakeUps::default().wake();
    /// ```
    pub fn wake(&self) {
        self.change(|news| news.all = true);
    }

    /// This task may be ready. O(log n)
    pub fn wake_task(&self, task: TaskId) {
        self.change(|news| {
            if news.tasks.len() < MOST {
                news.tasks.insert(task);
            } else {
                news.all = true;
            }
        });
    }

    /// Wakes the worker for each task that becomes pending, as the bridge of that publisher reads it: retries, and tasks that a worker in
    /// Rails or Rust hands over. It goes on until the handle aborts it.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use tasker_core::events::Publisher;
    /// use tasker_core::worker::WakeUps;
    ///
    /// let publisher = Publisher::new();
    /// let following = WakeUps::default().follow(&publisher);
    /// assert_eq!(&*publisher.subscribers()[0].name, "worker");
    /// following.abort();
    /// # });
    /// ```
    #[cfg(feature = "events")]
    pub fn follow(&self, publisher: &Publisher) -> AbortHandle {
        let pending = Filter::new().name(EventName::TaskInitializeRequested);
        let mut subscription = publisher.subscribe("worker", pending, QUEUE);
        let wake_ups = self.clone();
        let following = async move {
            let mut missed = 0;
            while let Some(event) = subscription.recv().await {
                wake_ups.wake_task(event.task);
                if mem::replace(&mut missed, subscription.missed()) != missed {
                    wake_ups.wake();
                }
            }
        };
        tokio::spawn(following).abort_handle()
    }

    fn change(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.0.news.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.notify.notify_one();
    }

    /// Waits for news. Nothing is lost where the future is dropped.
    pub(super) async fn news(&self) {
        self.0.notify.notified().await;
    }

    pub(super) fn take(&self) -> News {
        mem::take(&mut self.0.news.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
