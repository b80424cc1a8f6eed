//! What a worker has done.

use crate::run::{Outcome, Pause};

/// What a worker has done between its start and its end.
///
/// ```
/// use tasker_core::worker::Totals;
///
/// let totals = Totals { started: 3, complete: 2, pending: 1, handed_over: 1, ..Totals::default() };
/// assert_eq!(totals.started, totals.complete + totals.blocked + totals.pending + totals.lost + totals.failed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Looks for tasks.
    pub looks: u64,
    /// Tasks that were started.
    pub started: u64,
    /// Runs that left their task complete.
    pub complete: u64,
    /// Runs that left their task in error.
    pub blocked: u64,
    /// Runs that left their task pending.
    pub pending: u64,
    /// The ones of these that left it to other workers.
    pub handed_over: u64,
    /// Runs whose task another worker has since.
    pub lost: u64,
    /// Runs that ended with an error, which was logged.
    pub failed: u64,
    /// Statements that were sent, the lock's session aside.
    pub statements: u64,
}

impl Totals {
    pub(super) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Complete => self.complete += 1,
            Outcome::Blocked => self.blocked += 1,
            Outcome::Pending { pause, .. } => {
                self.pending += 1;
                self.handed_over += u64::from(*pause == Pause::OtherSteps);
            }
            Outcome::NothingReady { .. } => self.pending += 1,
            Outcome::Refused(_) | Outcome::Lost => self.lost += 1,
        }
    }
}
