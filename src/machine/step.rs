//! The machine of steps.

use super::{Guard, Machine, Owner};
use crate::state::State::{Cancelled, Complete, Error, InProgress, Pending, ResolvedManually};

/// Complete, cancelled and resolved manually are final. A step in progress cannot go back to pending, and one in error cannot
/// be cancelled: it must be made pending first.
pub(super) static MACHINE: Machine = Machine {
    owner: Owner::Step,
    transitions: &[
        (Pending, &[InProgress, Error, Cancelled, ResolvedManually]),
        (InProgress, &[Complete, Error, Cancelled]),
        (Error, &[Pending, ResolvedManually]),
    ],
    guards: &[(InProgress, Guard::ParentsDone)],
    events: &[
        (Pending, "step.initialize_requested"),
        (InProgress, "step.execution_requested"),
        (Complete, "step.completed"),
        (Error, "step.failed"),
        (Cancelled, "step.cancelled"),
        (ResolvedManually, "step.resolved_manually"),
    ],
    blank_is_pending: true,
};
