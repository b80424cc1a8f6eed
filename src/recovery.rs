//! Which workers are dead.
//!
//! A worker holds an advisory lock while it lives. A lock that is missing once proves nothing: the server may have failed over, or the
//! worker may be opening a new session. A worker is dead when its lock is missing in two observations that are a grace period apart, within
//! one uninterrupted session of the observer.

use crate::ids::WorkerKey;
use crate::time::{Micros, Timestamp};
use std::collections::BTreeMap;

/// Workers whose lock is missing, each with the instant of the first observation of that.
///
/// Instants are those of the observer's monotonic clock. An observer that loses its session discards its suspects and begins anew.
///
/// # Examples
///
/// ```
/// use tasker_core::ids::WorkerKey;
/// use tasker_core::recovery::Suspects;
/// use tasker_core::time::{Micros, Timestamp};
///
/// let (grace, worker) = (Micros(30_000_000), WorkerKey(7));
/// let mut suspects = Suspects::default();
/// assert_eq!(suspects.observe([worker], Timestamp(0), grace), []);
/// assert_eq!(suspects.observe([worker], Timestamp(29_999_999), grace), []);
/// assert_eq!(suspects.observe([worker], Timestamp(30_000_000), grace), [worker]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspects(BTreeMap<WorkerKey, Timestamp>);

impl Suspects {
    /// Suspects of earlier observations.
    ///
    /// ```
    /// use tasker_core::ids::WorkerKey;
    /// use tasker_core::recovery::Suspects;
    /// use tasker_core::time::Timestamp;
    ///
    /// let suspects = Suspects::new([(WorkerKey(7), Timestamp(5))]);
    /// assert_eq!(suspects.since().collect::<Vec<_>>(), [(WorkerKey(7), Timestamp(5))]);
    /// ```
    pub fn new(since: impl IntoIterator<Item = (WorkerKey, Timestamp)>) -> Self {
        Suspects(since.into_iter().collect())
    }

    /// Adds an observation: the workers that have claims and no lock at `now`. Returns those that are dead, in ascending order.
    ///
    /// A worker that is missing in `unlocked` holds its lock again, or has no claims left, and is no longer a suspect. O(n log n).
    pub fn observe(
        &mut self,
        unlocked: impl IntoIterator<Item = WorkerKey>,
        now: Timestamp,
        grace: Micros,
    ) -> Vec<WorkerKey> {
        self.0 = unlocked.into_iter().map(|key| (key, *self.0.get(&key).unwrap_or(&now))).collect();
        let dead = self.0.iter().filter(|(_, since)| now.0.saturating_sub(since.0) >= grace.0);
        dead.map(|(key, _)| *key).collect()
    }

    /// The suspects with their first observations, in ascending order.
    pub fn since(&self) -> impl Iterator<Item = (WorkerKey, Timestamp)> {
        self.0.iter().map(|(key, since)| (*key, *since))
    }
}
