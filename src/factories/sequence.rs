//! Values that are unique within a run.

use std::sync::atomic::{AtomicU64, Ordering};

/// A source of unique names and of numbers, the same for the same seed. Shared by reference between tasks and threads.
///
/// ```
/// use tasker_core::factories::Sequence;
///
/// let sequence = Sequence::new(7);
/// assert_eq!(sequence.name("order"), "order-7-1");
/// assert_eq!(sequence.name("order"), "order-7-2");
/// ```
#[derive(Debug)]
pub struct Sequence {
    seed: u64,
    last: AtomicU64,
}

impl Sequence {
    /// Names of this seed, from 1 on.
    pub const fn new(seed: u64) -> Self {
        Sequence { seed, last: AtomicU64::new(0) }
    }

    /// The seed.
    ///
    /// ```
    /// assert_eq!(tasker_core::factories::Sequence::new(7).seed(), 7);
    /// ```
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The next number, from 1 on. O(1).
    ///
    /// ```
    /// let sequence = tasker_core::factories::Sequence::new(0);
    /// assert_eq!([sequence.number(), sequence.number()], [1, 2]);
    /// ```
    pub fn number(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A name that this sequence has not given before: `prefix-SEED-NUMBER`. O(length).
    pub fn name(&self, prefix: &str) -> String {
        format!("{prefix}-{}-{}", self.seed, self.number())
    }
}
