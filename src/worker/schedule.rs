//! When a worker looks for tasks.
//!
//! Without wake-ups it looks at least once in [`Pace::longest`]. A look that takes long, since many tasks wait, is followed by a pause of twenty
//! times its duration. All instants are microseconds of a monotonic clock and passed in.

use crate::ids::TaskId;
use crate::time::{Micros, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Pauses between looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// After a look that found something.
    pub(super) shortest: Micros,
    /// After many that found nothing.
    pub(super) longest: Micros,
}

/// The largest number of tasks with notifications, and of tasks that are not to be read yet; beyond it, all tasks are read.
const MOST: usize = 10_000;
/// Looks for named tasks are so far apart.
const SPACING: Micros = Micros(10_000);
/// A look at all tasks is followed by a pause of so many times its duration at least.
const REST: i64 = 20;
/// The same where it was woken.
const SHORT_REST: i64 = 4;

/// A look for tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The only tasks to look at; `None` for all.
    pub(super) among: Option<Vec<TaskId>>,
    /// Tasks that are not to be started yet.
    pub(super) except: Vec<TaskId>,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pace: Pace,
    pause: Micros,
    /// The next look at all tasks, if nothing wakes the worker.
    next: Timestamp,
    /// No look at all tasks before that.
    rested: Timestamp,
    /// No look at named tasks before that.
    spaced: Timestamp,
    woken: bool,
    named: BTreeSet<TaskId>,
    due: BTreeSet<(Timestamp, TaskId)>,
    not_before: BTreeMap<TaskId, Timestamp>,
}

impl Schedule {
    pub(super) fn new(pace: Pace, now: Timestamp) -> Self {
        Schedule {
            pace,
            pause: pace.shortest,
            next: now,
            rested: now,
            spaced: now,
            woken: false,
            named: BTreeSet::new(),
            due: BTreeSet::new(),
            not_before: BTreeMap::new(),
        }
    }

    /// Something may be ready.
    pub(super) fn wake(&mut self) {
        self.woken = true;
    }

    /// This task may be ready. O(log n)
    pub(super) fn wake_task(&mut self, task: TaskId) {
        if self.named.len() < MOST {
            self.named.insert(task);
        } else {
            self.woken = true;
        }
    }

    /// Comes back to a task at an instant, and not before. O(log n)
    pub(super) fn come_back(&mut self, task: TaskId, at: Timestamp) {
        if self.due.len() < MOST {
            self.due.insert((at, task));
            self.not_before.insert(task, at);
        }
    }

    /// The instant of the next look. O(1)
    pub(super) fn due(&self) -> Timestamp {
        let mut due = self.next.max(self.rested);
        if self.woken {
            due = due.min(self.rested);
        }
        if !self.named.is_empty() {
            due = due.min(self.spaced);
        }
        if let Some((at, _)) = self.due.first() {
            due = due.min((*at).max(self.spaced));
        }
        due
    }

    /// The look that is due at `now`, if any. O(log n) for each task that is named.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<Look> {
        while let Some((at, task)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, task));
            self.not_before.remove(&task);
            self.named.insert(task);
        }
        let all = now >= self.rested && (self.woken || now >= self.next);
        if all {
            self.woken = false;
        } else if self.named.is_empty() || now < self.spaced {
            return None;
        }
        let named = std::mem::take(&mut self.named);
        Some(Look {
            among: (!all).then(|| named.into_iter().collect()),
            except: self.not_before.keys().copied().collect(),
        })
    }

    /// A look is over that took so long, was to find at most `most` tasks, and found so many. O(1)
    pub(super) fn looked(&mut self, look: &Look, took: Micros, most: usize, found: usize, now: Timestamp) {
        self.spaced = now + SPACING;
        if found >= most {
            // There may be more of them.
            match &look.among {
                None => self.next = now,
                Some(tasks) => tasks.iter().for_each(|task| self.wake_task(*task)),
            }
            self.pause = self.pace.shortest;
            return;
        }
        if look.among.is_some() {
            return;
        }
        self.pause = match found {
            0 => Micros((self.pause.0 * 2).min(self.pace.longest.0)),
            _ => self.pace.shortest,
        };
        self.rested = now + Micros(took.0.saturating_mul(SHORT_REST));
        self.next = now + Micros(self.pause.0.max(took.0.saturating_mul(REST)));
    }

    /// A look has failed. O(1)
    pub(super) fn failed(&mut self, look: Look, now: Timestamp) {
        look.among.into_iter().flatten().for_each(|task| self.wake_task(task));
        self.rested = now + self.pace.shortest;
        self.spaced = self.rested;
        self.next = self.rested;
    }
}
