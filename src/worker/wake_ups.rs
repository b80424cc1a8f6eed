//! News of tasks from outside.

use crate::ids::TaskId;
use std::collections::BTreeSet;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Tasks that are named before the worker takes them, at most. Beyond, it looks at all tasks.
const MOST: usize = 1_000;

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
