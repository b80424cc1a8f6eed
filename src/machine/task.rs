//! The machine of tasks.

use super::{Guard, Machine, Owner};
use crate::state::State::{Cancelled, Complete, Error, InProgress, Pending, ResolvedManually};

/// Only cancelled is final. A pending task cannot be resolved manually, and one in error cannot be cancelled: it must be made
/// pending first.
pub(super) static MACHINE: Machine = Machine {
    owner: Owner::Task,
    transitions: &[
        (Pending, &[InProgress, Cancelled, Error]),
        (InProgress, &[Complete, Error, Cancelled, Pending]),
        (Error, &[Pending, ResolvedManually]),
        (Complete, &[Cancelled]),
        (ResolvedManually, &[Cancelled]),
    ],
    guards: &[(Complete, Guard::StepsDone)],
    events: &[
        (Pending, "task.initialize_requested"),
        (InProgress, "task.start_requested"),
        (Complete, "task.completed"),
        (Error, "task.failed"),
        (Cancelled, "task.cancelled"),
        (ResolvedManually, "task.resolved_manually"),
    ],
    blank_is_pending: false,
};
