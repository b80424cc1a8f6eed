//! The result of a recovery.

use crate::ids::{StepId, TaskId, WorkerKey};
use std::fmt;

/// What a recovery has done, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Dead workers whose claims were ended.
    pub workers: Vec<WorkerKey>,
    /// Steps that were moved to error.
    pub steps: Vec<StepId>,
    /// Tasks that were moved to pending.
    pub tasks: Vec<TaskId>,
    /// Tasks of these steps that were pending already.
    pub pending: Vec<TaskId>,
    /// What could not be done, and why.
    pub failed: Vec<String>,
    /// Workers without their lock that may still live.
    pub suspects: Vec<WorkerKey>,
    /// Whether nothing was changed.
    pub dry_run: bool,
}

impl RecoveryReport {
    /// Whether there was nothing to do.
    ///
    /// ```
    /// use tasker_core::worker::recovery::RecoveryReport;
    ///
    /// let report = RecoveryReport::default();
    /// assert!(report.is_empty());
    /// assert_eq!(report.to_string(), "recovered 0 workers, 0 steps, 0 tasks, 0 failed, 0 suspects");
    /// ```
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty() && self.steps.is_empty() && self.tasks.is_empty() && self.failed.is_empty()
    }

    pub(super) fn add(&mut self, other: RecoveryReport) {
        self.workers.extend(other.workers);
        self.steps.extend(other.steps);
        self.tasks.extend(other.tasks);
        self.pending.extend(other.pending);
        self.failed.extend(other.failed);
    }

    /// Tasks that are pending since.
    pub(in crate::worker) fn continued(&self) -> impl Iterator<Item = TaskId> {
        self.tasks.iter().chain(&self.pending).copied()
    }
}

impl fmt::Display for RecoveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.dry_run { "would recover" } else { "recovered" };
        let (workers, steps, tasks) = (self.workers.len(), self.steps.len(), self.tasks.len());
        let (failed, suspects) = (self.failed.len(), self.suspects.len());
        write!(
            f,
            "{verb} {workers} workers, {steps} steps, {tasks} tasks, {failed} failed, {suspects} suspects"
        )
    }
}
